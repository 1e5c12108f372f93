package io.hipache.driver;

import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.lookup.LookupBounds;
import io.hipache.driver.redis.RedisEndpoint;
import java.time.Duration;

/**
 * The settings of {@link RedisDriver}.
 *
 * @param read the server that is asked for every request; its prefix is used on both servers
 * @param write the server where dead backends are marked, the same as {@code read} when there is one server only
 * @param commandTimeout longest wait for a look-up; after five times as long without any reply the connection is closed
 * @param deadBackendTtl how long a backend stays marked dead, in whole seconds
 * @param softDeathCap the percentage of a frontend's backends up to which soft failures mark backends dead
 * @param maxBackends the most backends of one frontend
 * @param copy what may be answered from memory
 */
public record RedisSettings(
        RedisEndpoint read,
        RedisEndpoint write,
        Duration commandTimeout,
        Duration deadBackendTtl,
        int softDeathCap,
        int maxBackends,
        CopySettings copy) {

    /** With the usual bounds, and nothing answered from memory. */
    public RedisSettings(
            RedisEndpoint read,
            RedisEndpoint write,
            Duration commandTimeout,
            Duration deadBackendTtl,
            int softDeathCap) {
        this(read, write, commandTimeout, deadBackendTtl, softDeathCap, LookupBounds.MAX_BACKENDS, CopySettings.OFF);
    }

    /** The usual longest wait for a look-up. */
    public static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);
}
