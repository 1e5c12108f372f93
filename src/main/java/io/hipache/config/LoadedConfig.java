package io.hipache.config;

import java.util.List;

/**
 * A configuration that was read from a file and from environment variables, with its warnings.
 *
 * @param warnings one line each: unknown keys, deprecated keys, keys without effect
 * @param origins where the values come from, one line for each place
 */
public record LoadedConfig(HipacheConfig config, List<String> warnings, List<String> origins) {

    public LoadedConfig {
        warnings = List.copyOf(warnings);
        origins = List.copyOf(origins);
    }

    /** A configuration whose origin nobody asks for. */
    public LoadedConfig(HipacheConfig config, List<String> warnings) {
        this(config, warnings, List.of());
    }
}
