package io.hipache.worker;

import io.hipache.accesslog.AccessLogOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.net.CidrList;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.Via;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.routing.DeathSettings;
import io.hipache.upstream.UpstreamSettings;
import java.time.Duration;

/** Translates the section {@code server} of the configuration into the settings of the proxy's parts. */
final class ServerSettings {
    /** The least connect timeout. Less than a millisecond would be rounded to 0, which means no limit. */
    private static final Duration SHORTEST_CONNECT = Duration.ofMillis(100);

    private ServerSettings() {}

    static UpstreamSettings upstreams(Server server) {
        return new UpstreamSettings(server.maxSockets(), server.httpKeepAlive(), server.tcpTimeout());
    }

    /**
     * How long one attempt may take to connect. All attempts of a request together take no longer than {@code tcpTimeout}, so
     * a client does not wait longer.
     */
    static Duration connectTimeout(Server server) {
        if (server.tcpTimeout().isZero()) {
            return Duration.ZERO;
        }
        Duration share = server.tcpTimeout().dividedBy(server.retryOnError() + 1L);
        return share.compareTo(SHORTEST_CONNECT) < 0 ? SHORTEST_CONNECT : share;
    }

    static AccessLogOptions accessLog(Server server) {
        return new AccessLogOptions(
                switch (server.accessLogFormat()) {
                    case HIPACHE -> AccessLogOptions.Format.HIPACHE;
                    case EXTENDED -> AccessLogOptions.Format.EXTENDED;
                    case JSON -> AccessLogOptions.Format.JSON;
                    case COMBINED -> AccessLogOptions.Format.COMBINED;
                },
                server.logRefused(),
                server.accessLogQuery(),
                server.accessLogShort());
    }

    static DeathSettings deaths(Server server) {
        return new DeathSettings(server.deadByMatchedKey(), server.deadAnnouncedRaw());
    }

    static CidrList trusted(Server server) {
        return CidrList.parse(server.trustedProxies());
    }

    /** @param version of this program, shown in debug headers */
    static ProxySettings proxy(Server server, String version) {
        return new ProxySettings(
                server.retryOnError(),
                server.deadBackendOn500(),
                server.deadBackendOnUnsupported(),
                server.tcpTimeout(),
                server.tunnelTimeout(),
                server.plainIpv4(),
                trusted(server),
                server.forwardedForAppended(),
                switch (server.debugHeaders()) {
                    case TRUSTED -> DebugHeaders.Audience.TRUSTED;
                    case ALL -> DebugHeaders.Audience.ALL;
                    case OFF -> DebugHeaders.Audience.NOBODY;
                },
                switch (server.requestId()) {
                    case PASS -> RequestIds.Rule.PASS;
                    case ANSWER -> RequestIds.Rule.ANSWER;
                    case OFF -> RequestIds.Rule.OFF;
                },
                server.tracing(),
                server.viaName().equals(HipacheConfig.Server.NO_VIA) ? Via.OFF : new Via(server.viaName()),
                version);
    }
}
