package io.hipache.worker.warmup;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.net.BackendResolver;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.Proxy;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Driver;
import io.hipache.routing.Router;
import io.hipache.upstream.Connector;
import io.hipache.upstream.UpstreamPool;
import io.hipache.upstream.UpstreamSettings;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests from a worker to itself before the worker is ready. So the first requests of clients find loaded
 * classes and compiled code. The requests pass through the pipelines of the listeners, a proxy of their own, and a tiny
 * backend. Some of them meet a dead backend first. For each request the worker's store is asked for a host of nobody. All of
 * it runs over loopback and on the worker's event loop. Behind the requests of HTTP/1 come those of HTTP/2, and what only
 * mistakes and attackers send, see {@link WarmUpStranger}. Nothing of it appears in a log, and no connection of the warm-up
 * outlives it.
 */
public final class WarmUp {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    /**
     * How much a worker warms up.
     *
     * @param longest after this time the warm-up ends, complete or not
     */
    public record Effort(int requests, Duration longest) {
        /** For tests. */
        public static final Effort NONE = new Effort(0, Duration.ZERO);
        /**
         * Nobody serves until the worker does. After 300 requests, a client's first request takes a quarter of the time. On a
         * busy machine, a cold worker is better than no worker.
         */
        public static final Effort QUICK = new Effort(300, Duration.ofSeconds(2));
        /**
         * Others serve meanwhile. A worker that has answered 300 requests cannot keep up with 2,000 a second: they queue for a
         * quarter of a second.
         */
        public static final Effort THOROUGH = new Effort(3_000, Duration.ofSeconds(5));
    }

    private static final int CONNECTIONS = 8;
    /** Few, so that the code of a new connection is compiled too. A load that begins opens all its connections at once. */
    static final int REQUESTS_PER_CONNECTION = 5;
    /** A start with TLS would take 0.5 s more with five requests for each handshake. */
    private static final int REQUESTS_PER_TLS_CONNECTION = 25;
    /**
     * The compiler leaves out what has never happened. Without a reload in the warm-up, the first one would make it throw away
     * the code of each request.
     */
    private static final int REQUESTS_BETWEEN_RELOADS = 20;
    /** Of what comes behind the requests, at a time. */
    private static final int LATER_CONNECTIONS = 4;
    /** So many times the requests of HTTP/1 for each of HTTP/2: most of the way is the same. */
    private static final int REQUESTS_PER_HTTP2_REQUEST = 4;
    /** Closing the connections takes less. */
    private static final Duration LONGEST_END = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final Duration longest;
    private final ProxyServices worker;
    private final @Nullable Driver store;
    private final Consumer<ExchangeEnd> ends;
    private final Supplier<SslContext> tls;
    private final @Nullable Supplier<SslContext> http2;
    private final Admission admission = new Admission(AdmissionLimits.NONE);
    private final UpstreamPool upstreams;
    private final ChannelGroup channels;
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    private final int requests;
    private Runnable reload = () -> {};
    private int unsent;
    private int answered;
    private int answeredOverTls;
    private int answeredOverHttp2;
    /** What comes behind the requests: each step opens one connection. */
    private final Deque<Runnable> later = new ArrayDeque<>();

    private int laterUnderWay;
    private int strangersEnded;
    private @Nullable WarmUpStore routes;
    private @Nullable Socket refusing;
    private boolean ending;
    private @Nullable Future<?> deadline;

    /**
     * @param loop of the worker
     * @param worker the services of the worker's proxy; the warm-up uses their settings and pages
     * @param store the worker's store; null when it gives no answers, and is not to be asked
     * @param ends takes the end of each request; formats log lines as the worker does, and drops them
     * @param tls for the client's side of handshakes; trusts any certificate
     * @param http2 the same for a client that speaks HTTP/2; null when the listeners do not
     */
    public WarmUp(
            EventLoop loop,
            ProxyServices worker,
            @Nullable Driver store,
            Consumer<ExchangeEnd> ends,
            Supplier<SslContext> tls,
            @Nullable Supplier<SslContext> http2,
            Effort effort) {
        this.loop = loop;
        this.worker = worker;
        this.store = store;
        this.ends = ends;
        this.tls = tls;
        this.http2 = http2;
        this.longest = effort.longest();
        this.requests = effort.requests();
        this.unsent = requests;
        this.channels = new DefaultChannelGroup(loop, true);
        this.upstreams = new UpstreamPool(
                loop,
                new Connector(loop, Transport.best(), new BackendResolver(loop), tls, longest),
                new UpstreamSettings(CONNECTIONS, true, longest),
                admission);
    }

    /**
     * Runs the warm-up and blocks until it is over. Not to be called on the event loop. A failure is logged, and the
     * worker starts without the warm-up.
     *
     * @param offered makes the TLS handlers, one for each kind of TLS listener
     */
    public void run(List<Function<ByteBufAllocator, ChannelHandler>> offered) {
        loop.execute(() -> runOrEnd(() -> begin(offered)));
        try {
            over.get(longest.plus(LONGEST_END).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.info("starting with cold code, because the warm-up has not ended in time");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a warm-up does not fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    int answered() {
        return answered;
    }

    int answeredOverTls() {
        return answeredOverTls;
    }

    int answeredOverHttp2() {
        return answeredOverHttp2;
    }

    /** How many connections of strangers have come to their end. */
    int strangersEnded() {
        return strangersEnded;
    }

    /** How often the dead backend has refused a connection. */
    int refused() {
        return routes == null ? 0 : routes.marks();
    }

    /** How many sockets of the warm-up are open: listening, of clients and of backends. */
    int openSockets() {
        return channels.size() + upstreams.sockets() + (refusing == null || refusing.isClosed() ? 0 : 1);
    }

    private void begin(List<Function<ByteBufAllocator, ChannelHandler>> offered) {
        deadline = loop.schedule(this::end, longest.toMillis(), TimeUnit.MILLISECONDS);
        whenListening(WarmUpBackend::serve, backend -> {
            WarmUpStore made = makeRoutes((InetSocketAddress) backend);
            routes = made;
            Proxy proxy = new Proxy(services(made));
            reload = () -> proxy.follow(services(made));
            connectThrough(proxy.pipeline(null), null);
            for (Function<ByteBufAllocator, ChannelHandler> listener : offered) {
                connectThrough(proxy.pipeline(listener), tls.get());
            }
        });
    }

    private WarmUpStore makeRoutes(InetSocketAddress backend) {
        try {
            Socket dead = WarmUpBackend.refusing();
            refusing = dead;
            return new WarmUpStore(store, backend, (InetSocketAddress) dead.getLocalSocketAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProxyServices services(Driver driver) {
        return new ProxyServices(
                new Router(driver, DeathSettings.HIPACHE),
                driver,
                upstreams,
                worker.pages(),
                ends,
                admission,
                worker.settings().again());
    }

    private void connectThrough(ChannelHandler pipeline, @Nullable SslContext spoken) {
        whenListening(client -> client.pipeline().addLast(pipeline), address -> {
            for (int i = 0; i < CONNECTIONS; i++) {
                connect(address, spoken);
            }
            addStrangers(spoken == null ? WarmUpStranger.TO_PLAIN : WarmUpStranger.TO_TLS, address, null);
            if (spoken != null && http2 != null) {
                addHttp2Clients(address, http2.get());
                addStrangers(WarmUpStranger.HTTP2, address, http2.get());
            }
        });
    }

    private void whenListening(Consumer<Channel> equip, Consumer<SocketAddress> then) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(Transport.best().serverChannel())
                .childHandler(initializer(equip))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        bound.addListener(done -> {
            channels.add(bound.channel());
            if (done.isSuccess()) {
                runOrEnd(() -> then.accept(bound.channel().localAddress()));
            } else {
                log.debug(
                        "cannot listen on loopback for the warm-up, starting with cold code: {}",
                        String.valueOf(done.cause()));
                end();
            }
        });
    }

    private void connect(SocketAddress address, @Nullable SslContext spoken) {
        connect(address, spoken, channel -> new WarmUpClient(channel, client -> sendNext(client, address, spoken)));
    }

    private void connect(SocketAddress address, @Nullable SslContext spoken, Consumer<Channel> equip) {
        new Bootstrap()
                .group(loop)
                .channel(Transport.best().clientChannel())
                .handler(initializer(channel -> {
                    if (spoken != null) {
                        channel.pipeline().addLast(spoken.newHandler(channel.alloc()));
                    }
                    equip.accept(channel);
                }))
                .connect(address);
    }

    private void addStrangers(List<byte[]> connections, SocketAddress address, @Nullable SslContext spoken) {
        for (byte[] bytes : connections) {
            later.add(
                    () -> connect(address, spoken, channel -> new WarmUpStranger(channel, bytes, this::strangerEnded)));
        }
    }

    private void addHttp2Clients(SocketAddress address, SslContext spoken) {
        int connections = requests / REQUESTS_PER_HTTP2_REQUEST / WarmUpHttp2Client.REQUESTS;
        for (int i = 0; i < connections; i++) {
            later.add(() -> connect(
                    address,
                    spoken,
                    channel -> new WarmUpHttp2Client(channel, () -> answeredOverHttp2++, this::laterEnded)));
        }
    }

    private void openLater() {
        while (!ending && laterUnderWay < LATER_CONNECTIONS && !later.isEmpty()) {
            laterUnderWay++;
            runOrEnd(later.remove());
        }
        if (laterUnderWay == 0) {
            end();
        }
    }

    private void strangerEnded() {
        strangersEnded++;
        laterEnded();
    }

    private void laterEnded() {
        laterUnderWay--;
        openLater();
    }

    private ChannelHandler initializer(Consumer<Channel> equip) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channels.add(channel);
                equip.accept(channel);
            }
        };
    }

    private void sendNext(WarmUpClient client, SocketAddress address, @Nullable SslContext spoken) {
        if (client.sent() > 0) {
            answered++;
            answeredOverTls += spoken == null ? 0 : 1;
        }
        if (answered % REQUESTS_BETWEEN_RELOADS == 0) {
            reload.run();
        }
        if (answered == requests) {
            openLater();
        }
        if (ending || unsent == 0) {
            return;
        }
        if (client.sent() == (spoken == null ? REQUESTS_PER_CONNECTION : REQUESTS_PER_TLS_CONNECTION)) {
            client.close();
            connect(address, spoken);
        } else {
            unsent--;
            client.send();
        }
    }

    private void runOrEnd(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.info("starting with cold code, because the warm-up failed: {}", e.toString());
            end();
        }
    }

    private void end() {
        if (ending) {
            return;
        }
        ending = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        log.debug("the warm-up is over, {} requests were answered", answered);
        upstreams.close();
        channels.close().addListener(closed -> {
            closeRefusing();
            over.complete(null);
        });
    }

    private void closeRefusing() {
        try {
            if (refusing != null) {
                refusing.close();
            }
        } catch (IOException e) {
            log.debug("cannot close the socket of the dead backend of the warm-up: {}", e.toString());
        }
    }
}
