package io.hipache.config.address;

import org.jspecify.annotations.Nullable;

/**
 * One URL of the store. {@link DriverAddress} says what each scheme means.
 *
 * @param user the ACL user to log in as, null for the default one; never without a password
 * @param password null when there is none
 * @param prefix prepended to every key, never null
 */
public record DriverUrl(
        DriverAddress address, @Nullable String user, @Nullable String password, int database, String prefix) {

    /** A server without TLS, and no user. */
    public DriverUrl(String host, int port, @Nullable String password, int database, String prefix) {
        this(new DriverAddress.Server(host, port, null), null, password, database, prefix);
    }

    /** Without the password, so that a log line may show it. */
    @Override
    public String toString() {
        return DriverUrlText.masked(this);
    }
}
