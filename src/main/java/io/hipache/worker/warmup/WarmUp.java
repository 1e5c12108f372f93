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
import io.hipache.worker.pipeline.ClientPipeline;
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
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
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
 * Requests that a worker sends to itself before it is ready, so that the first ones of anybody else meet loaded classes
 * and compiled code: through the pipelines of its listeners, a proxy of their own that asks no store, and a tiny backend,
 * all over loopback and on the worker's event loop. They are in no log and no statistics, and nothing is left of them.
 */
public final class WarmUp {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    /** What a worker sends: after 300 the first of anybody else takes a quarter; more cost more CPU than they save. */
    public static final int REQUESTS = 300;
    /** On a busy machine a cold worker is better than none. */
    public static final Duration LONGEST = Duration.ofSeconds(2);

    private static final int CONNECTIONS = 8;
    private static final int REQUESTS_PER_CONNECTION = 25;
    /** More than closing what is open takes. */
    private static final Duration LONGEST_END = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final Duration longest;
    private final ProxyServices worker;
    private final Consumer<ExchangeEnd> ends;
    private final Supplier<SslContext> tls;
    private final Admission admission = new Admission(AdmissionLimits.NONE);
    private final UpstreamPool upstreams;
    private final ChannelGroup channels;
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    private final int requests;
    private int unsent;
    private int answered;
    private int answeredOverTls;
    private boolean ending;
    private @Nullable Future<?> deadline;

    /**
     * @param loop of the worker
     * @param worker what its own proxy goes by, of which settings and pages are used
     * @param ends is told the end of each of its requests, and does with it what the worker does, but for sending it
     * @param tls to shake hands with as a client that trusts anybody
     * @param longest after which it ends, done or not
     */
    public WarmUp(
            EventLoop loop,
            ProxyServices worker,
            Consumer<ExchangeEnd> ends,
            Supplier<SslContext> tls,
            int requests,
            Duration longest) {
        this.loop = loop;
        this.worker = worker;
        this.ends = ends;
        this.tls = tls;
        this.longest = longest;
        this.unsent = requests;
        this.requests = requests;
        this.channels = new DefaultChannelGroup(loop, true);
        this.upstreams = new UpstreamPool(
                loop,
                new Connector(loop, Transport.best(), new BackendResolver(loop), tls, longest),
                new UpstreamSettings(CONNECTIONS, true, longest),
                admission);
    }

    /**
     * Blocks until it is over, not on the event loop. Whatever goes wrong, the worker goes on.
     *
     * @param offered what makes the first handlers of TLS listeners
     */
    public void run(List<Function<ByteBufAllocator, ChannelHandler>> offered) {
        loop.execute(() -> orEnd(() -> begin(offered)));
        try {
            over.get(longest.plus(LONGEST_END).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.info("the warm-up does not end");
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

    /** Sockets that it has open, of all kinds. */
    int openSockets() {
        return channels.size() + upstreams.sockets();
    }

    private void begin(List<Function<ByteBufAllocator, ChannelHandler>> offered) {
        deadline = loop.schedule(this::end, longest.toMillis(), TimeUnit.MILLISECONDS);
        whenListening(WarmUpBackend::serve, backend -> {
            Proxy proxy = proxy("http://" + NetUtil.toSocketAddressString((InetSocketAddress) backend));
            enter(new ClientPipeline(proxy, null), null);
            for (Function<ByteBufAllocator, ChannelHandler> listener : offered) {
                enter(new ClientPipeline(proxy, listener), tls.get());
            }
        });
    }

    private Proxy proxy(String backendUrl) {
        Driver store = new WarmUpStore(backendUrl);
        Router router = new Router(store, DeathSettings.HIPACHE);
        return new Proxy(
                new ProxyServices(router, store, upstreams, worker.pages(), ends, admission, worker.settings()));
    }

    private void enter(ClientPipeline pipeline, @Nullable SslContext spoken) {
        whenListening(client -> client.pipeline().addLast(pipeline), address -> {
            for (int i = 0; i < CONNECTIONS; i++) {
                connect(address, spoken);
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
                orEnd(() -> then.accept(bound.channel().localAddress()));
            } else {
                log.debug("no warm-up: {}", String.valueOf(done.cause()));
                end();
            }
        });
    }

    private void connect(SocketAddress address, @Nullable SslContext spoken) {
        new Bootstrap()
                .group(loop)
                .channel(Transport.best().clientChannel())
                .handler(initializer(channel -> {
                    if (spoken != null) {
                        channel.pipeline().addLast(spoken.newHandler(channel.alloc()));
                    }
                    new WarmUpClient(channel, client -> ready(client, address, spoken));
                }))
                .connect(address);
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

    private void ready(WarmUpClient client, SocketAddress address, @Nullable SslContext spoken) {
        if (client.sent() > 0) {
            answered++;
            answeredOverTls += spoken == null ? 0 : 1;
        }
        if (answered == requests) {
            end();
        }
        if (ending || unsent == 0) {
            return;
        }
        if (client.sent() == REQUESTS_PER_CONNECTION) {
            client.close();
            connect(address, spoken);
        } else {
            unsent--;
            client.send();
        }
    }

    private void orEnd(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.info("the warm-up failed: {}", e.toString());
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
        log.debug("{} warm-up requests were answered", answered);
        upstreams.close();
        channels.close().addListener(closed -> over.complete(null));
    }
}
