package io.hipache.routing;

import org.jspecify.annotations.Nullable;

/**
 * The address of a backend. Two entries with the same address are one backend for the connection pool.
 *
 * @param host a name or a literal address, IPv6 without brackets
 */
public record Backend(boolean tls, String host, int port) {

    /** Written out, see "Records" in CONTRIBUTING.md. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Backend that && tls == that.tls && port == that.port && host.equals(that.host);
    }

    @Override
    public int hashCode() {
        return 31 * host.hashCode() + 2 * port + (tls ? 1 : 0);
    }

    /** As an entry of a frontend names it, for the log. */
    @Override
    public String toString() {
        String literal = host.indexOf(':') < 0 ? host : '[' + host + ']';
        return (tls ? "https://" : "http://") + literal + ':' + port;
    }
}
