package io.hipache.config;

import java.util.List;

/**
 * What a configuration file came to.
 *
 * @param warnings one line each: unknown keys, deprecated keys, keys without effect
 */
public record LoadedConfig(HipacheConfig config, List<String> warnings) {

    public LoadedConfig {
        warnings = List.copyOf(warnings);
    }
}
