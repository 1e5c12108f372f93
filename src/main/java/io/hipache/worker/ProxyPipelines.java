package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.config.HipacheConfig;
import io.hipache.driver.CachingDriver;
import io.hipache.driver.RedisDriver;
import io.hipache.net.BackendResolver;
import io.hipache.net.CidrList;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.Proxy;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.Via;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Driver;
import io.hipache.routing.Router;
import io.hipache.upstream.Connector;
import io.hipache.upstream.UpstreamPool;
import io.hipache.upstream.UpstreamSettings;
import io.hipache.worker.tls.LazyTls;
import io.hipache.worker.tls.ListenerTls;
import io.hipache.worker.warmup.WarmUp;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the proxy of a worker from its configuration. */
public final class ProxyPipelines implements ClientPipelines {
    private static final Logger log = LoggerFactory.getLogger(ProxyPipelines.class);
    /**
     * How long a starting worker waits for its store. On a busy machine, loading the client's classes takes a second.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** The least connect timeout. Less than a millisecond would be rounded to 0, which means no limit. */
    private static final Duration SHORTEST_CONNECT = Duration.ofMillis(100);

    /** For the client's side of the warm-up. */
    private static final List<String> HTTP2 = List.of(ApplicationProtocolNames.HTTP_2);

    private final String version;
    private final Duration patience;
    private final int warmUpRequests;
    private final LazyTls tls = new LazyTls();

    private ProxyPipelines(String version, Duration patience, int warmUpRequests) {
        this.version = version;
        this.patience = patience;
        this.warmUpRequests = warmUpRequests;
    }

    /**
     * For a worker that sends requests to itself before it is ready, see {@link WarmUp}.
     *
     * @param version of this program, shown in debug headers
     */
    public static ProxyPipelines warm(String version) {
        return new ProxyPipelines(version, PATIENCE, WarmUp.REQUESTS);
    }

    /** For a worker without a warm-up. Its first requests are slow. */
    public ProxyPipelines(String version) {
        this(version, PATIENCE);
    }

    ProxyPipelines(String version, Duration patience) {
        this(version, patience, 0);
    }

    @Override
    public Served build(HipacheConfig config, EventLoopGroup group, Consumer<ExchangeEnd> ends, Admission admission) {
        EventLoop loop = group.next();
        RedisDriver redis = new RedisDriver(loop, StoreSettings.of(config));
        HipacheConfig.LruCache cache = config.server().lruCache();
        Driver driver = cache == null ? redis : new CachingDriver(redis, cache.size(), cache.ttl());
        UpstreamPool upstreams = upstreams(config.server(), loop, admission);
        ProxyServices services = new ProxyServices(
                new Router(driver, deaths(config.server())),
                driver,
                upstreams,
                ErrorPages.load(config.server().staticDir()),
                ends,
                admission,
                settings(config.server()));
        ListenerTls listenerTls = new ListenerTls(loop, config, redis.certificates(), tls);
        Map<HipacheConfig.Tls, Function<ByteBufAllocator, ChannelHandler>> spoken = new LinkedHashMap<>();
        for (HipacheConfig.Listener listener : config.listeners()) {
            if (listener.tls() != null) {
                spoken.put(listener.tls(), listenerTls.handlers(listener.tls()));
            }
        }
        awaitStore(redis);
        if (warmUpRequests > 0) {
            // the warm-up formats its log lines as the worker does, and drops them
            AccessLogSender lines = new AccessLogSender(loop, batch -> true);
            new WarmUp(loop, services, lines, tls, () -> tls.offering(HTTP2), warmUpRequests, WarmUp.LONGEST)
                    .run(List.copyOf(spoken.values()));
        }
        Proxy proxy = new Proxy(services);
        return new Served() {
            @Override
            public ChannelHandler pipeline(HipacheConfig.Listener listener) {
                return switch (listener.kind()) {
                    case TRAFFIC -> proxy.pipeline(listener.tls() == null ? null : spoken.get(listener.tls()));
                };
            }

            @Override
            public long requests() {
                return proxy.requests();
            }

            @Override
            public int upstreamSockets() {
                return upstreams.sockets();
            }
        };
    }

    @Override
    public void useTicketKeys(ByteBuffer keys) {
        tls.useTicketKeys(keys);
    }

    /** Spares the first requests an error page. A worker starts without Redis as well. */
    private void awaitStore(RedisDriver redis) {
        try {
            redis.firstAttempt().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.info(
                    "starting without Redis, which has not answered within {} ms; requests get"
                            + " error pages until it answers",
                    patience.toMillis());
        } catch (ExecutionException e) {
            throw new IllegalStateException("a first attempt does not fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private UpstreamPool upstreams(HipacheConfig.Server server, EventLoop loop, Admission admission) {
        BackendResolver.turnOffJdkCache();
        Duration connectTimeout = connectTimeout(server);
        Connector connector = new Connector(loop, Transport.best(), new BackendResolver(loop), tls, connectTimeout);
        return new UpstreamPool(
                loop,
                connector,
                new UpstreamSettings(server.maxSockets(), server.httpKeepAlive(), server.tcpTimeout()),
                admission);
    }

    /**
     * All attempts of a request together take no longer to connect than {@code tcpTimeout}, so a client does not wait
     * longer.
     */
    private static Duration connectTimeout(HipacheConfig.Server server) {
        if (server.tcpTimeout().isZero()) {
            return Duration.ZERO;
        }
        Duration share = server.tcpTimeout().dividedBy(server.retryOnError() + 1L);
        return share.compareTo(SHORTEST_CONNECT) < 0 ? SHORTEST_CONNECT : share;
    }

    private static DeathSettings deaths(HipacheConfig.Server server) {
        return new DeathSettings(server.deadByMatchedKey(), server.deadAnnouncedRaw());
    }

    private ProxySettings settings(HipacheConfig.Server server) {
        return new ProxySettings(
                server.retryOnError(),
                server.deadBackendOn500(),
                server.deadBackendOnUnsupported(),
                server.tcpTimeout(),
                server.tunnelTimeout(),
                server.plainIpv4(),
                CidrList.parse(server.trustedProxies()),
                server.forwardedForAppended(),
                switch (server.debugHeaders()) {
                    case TRUSTED -> DebugHeaders.Audience.TRUSTED;
                    case ALL -> DebugHeaders.Audience.ALL;
                    case OFF -> DebugHeaders.Audience.NOBODY;
                },
                server.viaName().equals(HipacheConfig.Server.NO_VIA) ? Via.OFF : new Via(server.viaName()),
                version);
    }
}
