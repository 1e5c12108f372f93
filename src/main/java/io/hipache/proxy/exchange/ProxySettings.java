package io.hipache.proxy.exchange;

import io.hipache.net.CidrList;
import java.time.Duration;

/**
 * The settings of an exchange.
 *
 * @param retryOnError attempts after the first one
 * @param deadBackendOn500 whether a 500 marks its backend dead while an active checker lives
 * @param tcpTimeout longest inactivity, zero for no limit
 * @param tunnelTimeout longest inactivity of a tunnel, zero for no limit
 * @param plainIpv4 whether IPv4 addresses are written without {@code ::ffff:}
 * @param trustedProxies whose forwarded headers are believed
 * @param version of this program, for the debug headers
 */
public record ProxySettings(
        int retryOnError,
        boolean deadBackendOn500,
        Duration tcpTimeout,
        Duration tunnelTimeout,
        boolean plainIpv4,
        CidrList trustedProxies,
        String version) {}
