package io.hipache.driver;

import io.hipache.driver.redis.RedisEndpoint;
import java.time.Duration;

/**
 * What {@link RedisDriver} needs to know.
 *
 * @param read asked for every request; its prefix counts for both
 * @param write told of dead backends, the same as {@code read} where there is one server
 * @param commandTimeout longest wait for a look-up; after five times as long without any answer the connection is
 *     given up
 * @param deadBackendTtl how long a backend stays marked dead, whole seconds
 */
public record RedisSettings(RedisEndpoint read, RedisEndpoint write, Duration commandTimeout, Duration deadBackendTtl) {

    /** The time a look-up gets unless somebody knows better. */
    public static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);
}
