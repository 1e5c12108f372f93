package io.hipache.config;

import io.hipache.config.HipacheConfig.Tls;
import io.hipache.tls.BadPem;
import io.hipache.tls.CertificateEnd;
import io.hipache.tls.Certificates;
import io.hipache.tls.Credential;
import io.hipache.tls.OcspStaple;
import io.hipache.tls.Validity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
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

    CertificateEnd certificateEnd(Tls tls) {
        List<X509Certificate> chain = credential(tls).chain();
        return CertificateEnd.of(chain.get(0), Validity.of(chain));
    }

    /** Says that clients refuse a certificate at this time because of its dates; null when they do not. */
    @Nullable
    String dateProblem(Tls tls, Instant now) {
        return dateProblem(tls.cert(), credential(tls).chain(), now);
    }

    static @Nullable String dateProblem(Path cert, List<X509Certificate> chain, Instant now) {
        String ofLeaf = Validity.of(chain.subList(0, 1)).problem(now);
        if (ofLeaf != null) {
            return "clients refuse the certificate in " + cert + ", because it " + ofLeaf;
        }
        String ofChain = Validity.of(chain).problem(now);
        return ofChain == null
                ? null
                : "clients refuse the certificate in " + cert + ", because one that leads from it to a root " + ofChain;
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
