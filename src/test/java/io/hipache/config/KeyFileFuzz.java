package io.hipache.config;

import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A file with a key and its certificate. Its problems are said; or a worker, which gets its contents, reads the same key and
 * certificate.
 */
public final class KeyFileFuzz {
    private static final Path FILE = file();

    private KeyFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        write(bytes);
        Findings findings = new Findings();
        KeyFileReader reader = new KeyFileReader(findings, true);
        Tls tls = new Tls(FILE, FILE, List.of(FILE), "s3cret", null, true);

        X509Certificate certificate = reader.read(tls, "key", "cert", "ca");

        if ((certificate == null) == findings.problems().isEmpty()) {
            throw new AssertionError("certificate: " + certificate + ", problems: " + findings.problems());
        }
        if (certificate != null) {
            X509Certificate handed = reader.files().credential(tls).chain().get(0);
            if (!handed.equals(certificate)) {
                throw new AssertionError("a worker gets another certificate");
            }
        }
    }

    private static void write(byte[] bytes) {
        try {
            Files.write(FILE, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("fuzz", ".pem");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
