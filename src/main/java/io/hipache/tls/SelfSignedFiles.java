package io.hipache.tls;

import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;

/**
 * A key and a certificate that nobody trusts, in two files, for a program that talks to itself. A JVM that ends in order deletes
 * the files.
 */
public record SelfSignedFiles(Path key, Path certificate) {

    /**
     * Makes the files, in the folder for temporary files. Takes a second. Empty where that fails, for example because this Java
     * has no {@code keytool}.
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

    /** Deletes the files as far as that is possible. Whoever reads them has done so. */
    public void delete() {
        for (Path file : List.of(key, certificate)) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // nobody trusts what is in them
            }
        }
    }
}
