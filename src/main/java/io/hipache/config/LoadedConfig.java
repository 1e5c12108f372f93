package io.hipache.config;

import java.util.List;

/**
 * A configuration that was read from a file, with its warnings.
 *
 * @param warnings one line each: unknown keys, deprecated keys, keys without effect
 */
public record LoadedConfig(HipacheConfig config, List<String> warnings) {

    public LoadedConfig {
        warnings = List.copyOf(warnings);
    }
}
