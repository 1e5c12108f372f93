package io.hipache.supervisor;

import io.hipache.config.ConfigException;
import io.hipache.config.HipacheConfig;

/** Where a reload finds the configuration. */
@FunctionalInterface
public interface ConfigSource {
    /**
     * Reads and checks it.
     *
     * @throws ConfigException with every problem there is
     */
    HipacheConfig read() throws ConfigException;
}
