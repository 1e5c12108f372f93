package io.hipache.supervisor.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of the program. */
final class Version {
    private static final String FILE = "/io/hipache/cli/version.properties";

    private Version() {}

    /** Such as {@code 1.0.0}, or {@code unknown} when Maven did not build the program. */
    static String number() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(FILE)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
