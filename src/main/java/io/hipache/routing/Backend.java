package io.hipache.routing;

/**
 * The address of a backend. Two entries with the same address are one backend for the connection pool.
 *
 * @param host a name or a literal address, IPv6 without brackets
 */
public record Backend(boolean tls, String host, int port) {

    /** As an entry of a frontend names it, for the log. */
    @Override
    public String toString() {
        String literal = host.indexOf(':') < 0 ? host : '[' + host + ']';
        return (tls ? "https://" : "http://") + literal + ':' + port;
    }
}
