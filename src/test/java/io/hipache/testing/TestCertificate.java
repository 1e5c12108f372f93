package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The certificates for host names among the test resources. */
public enum TestCertificate {
    /** For {@code a.example} and {@code www.a.example}. */
    A("a", "a first"),
    /** For {@code a.example}. */
    A_RENEWED("a-renewed", "a renewed"),
    /** For {@code b.example}. */
    B("b", "b"),
    /** For {@code *.example}. */
    WILDCARD("wildcard", "wildcard"),
    /** For {@code cn.example}, with a common name only. */
    COMMON_NAME("cn", "cn.example"),
    /** For {@code expired.example}, until 2020. */
    EXPIRED("../keys/expired", "expired.example"),
    /** For {@code future.example}, from 2120 on. */
    FUTURE("../keys/future", "future.example"),
    /** For an IP address, without any host name. */
    ADDRESS("address", "address");

    private final String file;
    private final String commonName;

    TestCertificate(String file, String commonName) {
        this.file = file;
        this.commonName = commonName;
    }

    /** The common name, by which a client recognises the certificate. */
    public String commonName() {
        return commonName;
    }

    public Path certFile() {
        return file(".crt");
    }

    public Path keyFile() {
        return file(".key");
    }

    /** In PEM. */
    public String certificate() {
        return read(certFile());
    }

    /** In PEM. */
    public String key() {
        return read(keyFile());
    }

    private Path file(String extension) {
        return Path.of("src/test/resources/tls/names", file + extension).toAbsolutePath();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
