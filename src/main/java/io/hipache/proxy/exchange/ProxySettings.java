package io.hipache.proxy.exchange;

import io.hipache.net.CidrList;
import io.hipache.proxy.exchange.head.RequestIds;
import java.time.Duration;

/**
 * The settings of an exchange.
 *
 * @param retryOnError attempts after the first one
 * @param deadBackendOn500 whether a 500 marks its backend dead while an active checker lives
 * @param deadBackendOnUnsupported whether a 501 or a 505 marks its backend dead
 * @param tcpTimeout longest inactivity, zero for no limit
 * @param tunnelTimeout longest inactivity of a tunnel, zero for no limit
 * @param plainIpv4 whether IPv4 addresses are written without {@code ::ffff:}
 * @param trustedProxies whose forwarded headers are believed
 * @param forwardedForAppended whether the address of a trusted proxy follows what it said in X-Forwarded-For
 * @param debugAudience whose requests with X-Debug are answered with debug headers
 * @param requestIds what is done about X-Request-Id
 * @param tracing whether a trace is made where a request has none
 * @param via the mark of this fleet on its requests
 * @param version of this program, for the debug headers
 */
public record ProxySettings(
        int retryOnError,
        boolean deadBackendOn500,
        boolean deadBackendOnUnsupported,
        Duration tcpTimeout,
        Duration tunnelTimeout,
        boolean plainIpv4,
        CidrList trustedProxies,
        boolean forwardedForAppended,
        DebugHeaders.Audience debugAudience,
        RequestIds.Rule requestIds,
        boolean tracing,
        Via via,
        String version) {
    /**
     * How long a client that has ended its output may have to wait for the next byte of an answer. Nothing tells whether it
     * still reads: most such clients have left, and their requests must not keep a backend busy for long. A write to a client
     * that has left is answered with a reset.
     */
    public static final Duration HALF_CLOSED = Duration.ofSeconds(3);

    /** Equal settings in another object, as a reload makes it when nothing in them has changed. */
    public ProxySettings again() {
        return new ProxySettings(
                retryOnError,
                deadBackendOn500,
                deadBackendOnUnsupported,
                tcpTimeout,
                tunnelTimeout,
                plainIpv4,
                trustedProxies,
                forwardedForAppended,
                debugAudience,
                requestIds,
                tracing,
                via,
                version);
    }

    /** Whether X-Debug in a request of this client means anything. */
    boolean debugs(ClientIdentity client) {
        return switch (debugAudience) {
            case TRUSTED -> client.trusted();
            case ALL -> true;
            case NOBODY -> false;
        };
    }
}
