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
 * The contents of the key and certificate files, as the supervisor has read them. Workers may not be allowed to read
 * the files; with the contents they need neither the files nor a passphrase.
 *
 * @param texts keys (PKCS#8, not encrypted) and certificates in PEM; staples as Latin-1
 */
public record KeyFiles(Map<Path, String> texts) {
    static final KeyFiles NONE = new KeyFiles(Map.of());

    public KeyFiles {
        texts = Map.copyOf(texts);
    }

    /** The contents of one file. */
    public String text(Path file) {
        String text = texts.get(file);
        if (text == null) {
            throw new IllegalArgumentException("the supervisor has not read " + file);
        }
        return text;
    }

    /** The key, the certificate chain and the staple of a listener. */
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

    /** Null once the staple is outdated: a worker may start long after the file was read. */
    private static @Nullable OcspStaple staple(String latin1, Credential credential) {
        try {
            byte[] response = latin1.getBytes(StandardCharsets.ISO_8859_1);
            return OcspStaple.of(response, credential.chain().get(0), Instant.now());
        } catch (BadPem e) {
            return null;
        }
    }

    /** The file of the staple, which has the same name as for HAProxy. */
    static Path stapleOf(Path cert) {
        return cert.resolveSibling(cert.getFileName() + ".ocsp");
    }

    /** Without the contents. */
    @Override
    public String toString() {
        return "KeyFiles[" + texts.size() + "]";
    }
}
