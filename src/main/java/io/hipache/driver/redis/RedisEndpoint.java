package io.hipache.driver.redis;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One Redis: where it is, how to log in, and where in it the keys are.
 *
 * @param user the ACL user to log in as, null for the default user; ignored without a password
 * @param password null when none is configured
 * @param database selected on every connection
 * @param prefix prepended to every key, perhaps empty
 */
public record RedisEndpoint(
        RedisAddress address, @Nullable String user, @Nullable String password, int database, String prefix) {

    /** A server without TLS, and the default user. */
    public RedisEndpoint(String host, int port, @Nullable String password, int database, String prefix) {
        this(new RedisAddress.Tcp(host, port, null), null, password, database, prefix);
    }

    /**
     * Whether one connection can serve both. The prefix does not matter: it belongs to the keys, not to the connection.
     * Compares field by field, see "Records" in CONTRIBUTING.md.
     */
    public boolean sharesConnectionWith(RedisEndpoint other) {
        return database == other.database
                && Objects.equals(address, other.address)
                && Objects.equals(user, other.user)
                && Objects.equals(password, other.password);
    }

    /** Without the password, so that a log line may show it. */
    @Override
    public String toString() {
        return address + "/" + database;
    }
}
