package io.hipache.tls;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key or certificate file. Its first byte says what the rest is: {@code 0} the text of the file; any other digit the
 * content of one block, whose base64 a fuzzer could not change in a useful way. The file can be read, and what is written
 * of it is read as the same; or it is a {@link BadPem}. Nothing else happens.
 */
public final class PemFuzz {
    private static final List<String> LABELS = List.of(
            "PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "CERTIFICATE",
            "EC PARAMETERS");

    private static final X509Certificate LEAF = leaf();

    private PemFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        int kind = Math.floorMod(bytes[0] - '0', LABELS.size() + 2);
        byte[] rest = new byte[bytes.length - 1];
        System.arraycopy(bytes, 1, rest, 0, rest.length);
        if (kind > LABELS.size()) {
            staple(rest);
        } else {
            file(
                    kind == 0
                            ? new String(rest, StandardCharsets.ISO_8859_1)
                            : PemBlock.write(LABELS.get(kind - 1), rest));
        }
    }

    private static void file(String text) {
        key(text, null);
        key(text, "s3cret");
        certificates(text);
    }

    private static void key(String text, @Nullable String passphrase) {
        PrivateKey key;
        try {
            key = PrivateKeys.read(text, passphrase);
        } catch (BadPem e) {
            requirePredicate(e);
            return;
        }
        try {
            PrivateKey again = PrivateKeys.read(PrivateKeys.write(key), null);
            if (!again.equals(key)) {
                throw new AssertionError("another key is read than was written");
            }
        } catch (BadPem e) {
            throw new AssertionError("a key is written that cannot be read", e);
        }
    }

    private static void certificates(String text) {
        List<X509Certificate> chain;
        try {
            chain = Certificates.read(text);
        } catch (BadPem e) {
            requirePredicate(e);
            return;
        }
        try {
            if (!Certificates.read(Certificates.write(chain)).equals(chain)) {
                throw new AssertionError("other certificates are read than were written");
            }
            CertificateHosts.of(chain.get(0));
        } catch (BadPem e) {
            throw new AssertionError("certificates are written that cannot be read", e);
        }
    }

    private static void staple(byte[] bytes) {
        try {
            OcspStaple staple = OcspStaple.of(bytes, LEAF, Instant.EPOCH);
            if (staple.isOutdated(Instant.EPOCH)) {
                throw new AssertionError("an outdated staple is taken");
            }
        } catch (BadPem e) {
            requirePredicate(e);
        }
    }

    private static void requirePredicate(BadPem e) {
        if (e.predicate().isBlank() || e.predicate().contains("s3cret")) {
            throw new AssertionError("says nothing, or too much", e);
        }
    }

    private static X509Certificate leaf() {
        try {
            return Certificates.read(TestPem.text("leaf.crt")).get(0);
        } catch (BadPem e) {
            throw new AssertionError(e);
        }
    }
}
