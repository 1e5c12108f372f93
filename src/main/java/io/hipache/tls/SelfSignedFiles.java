package io.hipache.tls;

import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;

/**
 * A key and a certificate that nobody trusts, in two files, for a program that talks to itself. The JVM deletes the files when it
 * ends.
 */
public record SelfSignedFiles(Path key, Path certificate) {

    /**
     * Makes the files, in the folder for temporary files. Takes a second. Empty where this Java has no {@code keytool}.
     *
     * @param host that the certificate is for
     */
    @SuppressWarnings("deprecation") // Netty's newer class is in a library of its own, which the program does not need
    public static Optional<SelfSignedFiles> make(String host) {
        try {
            SelfSignedCertificate made = new SelfSignedCertificate(host, "EC", 256);
            return Optional.of(new SelfSignedFiles(
                    made.privateKey().toPath(), made.certificate().toPath()));
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }
}
