package io.hipache.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of the build, which Maven writes into a file. */
final class HipacheVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"hipache " + number()};
    }

    /** The number alone, or {@code unknown} when Maven did not build the program. */
    static String number() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = HipacheVersion.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        }
        return properties.getProperty("version", "unknown");
    }
}
