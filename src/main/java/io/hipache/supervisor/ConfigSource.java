package io.hipache.supervisor;

import io.hipache.config.ConfigException;
import io.hipache.config.LoadedConfig;

/** Reads the configuration again for a reload. */
@FunctionalInterface
public interface ConfigSource {
    /**
     * Reads and checks the configuration.
     *
     * @throws ConfigException with every problem of the configuration
     */
    LoadedConfig read() throws ConfigException;
}
