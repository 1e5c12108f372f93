package io.hipache.driver.redis;

import org.jspecify.annotations.Nullable;

/**
 * One Redis and what is kept there.
 *
 * @param user the ACL user to log in as, null for the default one; of no use without a password
 * @param password null when there is none
 * @param database selected on every connection
 * @param prefix prepended to every key, never null
 */
public record RedisEndpoint(
        RedisAddress address, @Nullable String user, @Nullable String password, int database, String prefix) {

    /** A server spoken to in the clear, and no user. */
    public RedisEndpoint(String host, int port, @Nullable String password, int database, String prefix) {
        this(new RedisAddress.Tcp(host, port, null), null, password, database, prefix);
    }

    /** Whether one connection serves both; the prefix belongs to the keys, not to the connection. */
    public boolean sharesConnectionWith(RedisEndpoint other) {
        return equals(new RedisEndpoint(other.address, other.user, other.password, other.database, prefix));
    }

    /** Without the password, so that a log line may show it. */
    @Override
    public String toString() {
        return address + "/" + database;
    }
}
