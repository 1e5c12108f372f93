package io.hipache.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of the build, which Maven writes into a file. */
final class HipacheVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"hipache " + number()};
    }

    /** The number alone, or {@code unknown} when Maven did not build the program. */
    static String number() {
        Properties properties = new Properties();
        try (InputStream in = HipacheVersion.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
