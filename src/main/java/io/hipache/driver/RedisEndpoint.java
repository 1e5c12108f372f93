package io.hipache.driver;

import org.jspecify.annotations.Nullable;

/**
 * One Redis server and what is kept there.
 *
 * @param password null when there is none
 * @param database selected on every connection
 * @param prefix prepended to every key, never null
 */
public record RedisEndpoint(String host, int port, @Nullable String password, int database, String prefix) {

    /** Whether one connection serves both; the prefix belongs to the keys, not to the connection. */
    boolean sharesConnectionWith(RedisEndpoint other) {
        return equals(new RedisEndpoint(other.host, other.port, other.password, other.database, prefix));
    }

    /** Without the password, so that a log line may show it. */
    @Override
    public String toString() {
        return host + ":" + port + "/" + database;
    }
}
