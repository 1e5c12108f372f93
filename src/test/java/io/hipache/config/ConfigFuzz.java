package io.hipache.config;

import java.nio.charset.StandardCharsets;

/**
 * A configuration file. It has problems, each of which is said; or it is a configuration, and what the supervisor writes of
 * it for its workers is read as the same.
 */
public final class ConfigFuzz {
    private ConfigFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        HipacheConfig config;
        try {
            config = Loading.loader()
                    .parse(new String(bytes, StandardCharsets.UTF_8))
                    .config();
        } catch (ConfigException e) {
            if (e.problems().isEmpty() || e.problems().stream().anyMatch(String::isBlank)) {
                throw new AssertionError("says nothing", e);
            }
            return;
        }
        String written = ConfigJson.encode(config);
        try {
            if (!ConfigJson.decode(written).equals(config)) {
                throw new AssertionError("a worker reads another configuration: " + written);
            }
        } catch (ConfigException e) {
            throw new AssertionError("a worker cannot read its configuration: " + written, e);
        }
        if (ConfigJson.masked(config).isBlank()) {
            throw new AssertionError("--dry shows nothing");
        }
    }
}
