package io.hipache.config;

import io.hipache.config.HipacheConfig.Tls;
import io.hipache.tls.BadPem;
import io.hipache.tls.Certificates;
import io.hipache.tls.Credential;
import io.hipache.tls.OcspStaple;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in the files of keys and certificates, once the supervisor has read them: workers may not be allowed to, and
 * need neither the files nor a passphrase.
 *
 * @param texts keys in PKCS#8 and not encrypted, certificates, both in PEM; staples as Latin-1
 */
public record KeyFiles(Map<Path, String> texts) {
    static final KeyFiles NONE = new KeyFiles(Map.of());

    public KeyFiles {
        texts = Map.copyOf(texts);
    }

    /** What the file held. */
    public String text(Path file) {
        String text = texts.get(file);
        if (text == null) {
            throw new IllegalArgumentException("nobody has read " + file);
        }
        return text;
    }

    /** By what a listener proves who it is. */
    public Credential credential(Tls tls) {
        try {
            Credential credential = Credential.of(text(tls.key()), text(tls.cert()));
            for (Path ca : tls.ca()) {
                credential = credential.continuedBy(Certificates.read(text(ca)));
            }
            String staple = texts.get(stapleOf(tls.cert()));
            return credential.with(staple == null ? null : staple(staple, credential));
        } catch (BadPem e) {
            throw new IllegalArgumentException("key " + tls.key() + " " + e.predicate(), e);
        }
    }

    /** Null once it is outdated: the worker may have started long after the file was read. */
    private static @Nullable OcspStaple staple(String latin1, Credential credential) {
        try {
            byte[] response = latin1.getBytes(StandardCharsets.ISO_8859_1);
            return OcspStaple.of(response, credential.chain().get(0), Instant.now());
        } catch (BadPem e) {
            return null;
        }
    }

    /** Where HAProxy looks for it, too. */
    static Path stapleOf(Path cert) {
        return cert.resolveSibling(cert.getFileName() + ".ocsp");
    }

    /** Without what is in them. */
    @Override
    public String toString() {
        return "KeyFiles[" + texts.size() + "]";
    }
}
