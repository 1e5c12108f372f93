package io.hipache.probe;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.BackendResolver;
import io.hipache.net.Resolution;
import io.hipache.net.Transport;
import io.hipache.outcome.EndReason;
import io.hipache.probe.Verdict.Network;
import io.hipache.routing.Backend;
import io.hipache.tls.TlsContexts;
import io.hipache.tls.TlsProvider;
import io.hipache.upstream.ConnectFault;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks backends, a limited number at a time, on a loop of its own. Each question has a new connection and one time limit for
 * all of it. Certificates of backends are not verified, as in the proxy. TLS is the JDK's: this process may be root, and
 * no native code reads what a backend sends.
 */
public final class Prober implements AutoCloseable {

    private static final int MOST_AT_A_TIME = 64;
    private static final int BYTES_PER_READ = 4 * 1024;

    private final EventLoopGroup group = Transport.best().newEventLoop("probes");
    private final EventLoop loop = group.next();
    private final BackendResolver names = new BackendResolver(loop);
    private final long limitNanos;
    private final Predicate<InetAddress> own;
    private final Queue<Probe> waiting = new ArrayDeque<>();
    private @Nullable SslContext tls;
    private int running;

    /** @param limit for one question, from the look-up of the name to the end of the answer */
    public Prober(Duration limit) {
        this(limit, OwnAddresses.now());
    }

    /** @param own whether an address is one of this machine, which says nothing about the network */
    public Prober(Duration limit, Predicate<InetAddress> own) {
        this.limitNanos = limit.toNanos();
        this.own = own;
    }

    /**
     * Asks a backend, now or when others have ended.
     *
     * @param told is told the end, on the loop of the probes; never when this is closed meanwhile
     */
    public void ask(Target target, Consumer<Verdict> told) {
        loop.execute(() -> {
            waiting.add(new Probe(target, told));
            next();
        });
    }

    private void next() {
        while (running < MOST_AT_A_TIME && !waiting.isEmpty()) {
            running++;
            waiting.remove().begin();
        }
    }

    private SslContext tls() {
        if (tls == null) {
            tls = new TlsContexts(TlsProvider.JDK).forBackends();
        }
        return tls;
    }

    @Override
    public void close() {
        names.close();
        var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** One question, from the look-up of the name to its end. Confined to the loop. */
    private final class Probe {

        private final Target target;
        private final Consumer<Verdict> told;
        private long start;
        private @Nullable Future<?> limit;
        private @Nullable Channel channel;
        private @Nullable ProbeAnswer answer;
        private Network network = Network.SILENT;
        private boolean ended;

        Probe(Target target, Consumer<Verdict> told) {
            this.target = target;
            this.told = told;
        }

        void begin() {
            start = System.nanoTime();
            limit = loop.schedule(this::late, limitNanos, TimeUnit.NANOSECONDS);
            names.resolve(target.backend().host(), resolution -> {
                if (resolution instanceof Resolution.Found found) {
                    connect(found.addresses(), 0);
                } else if (resolution instanceof Resolution.NotFound notFound) {
                    end(Verdict.bad(EndReason.NAME_UNKNOWN, notFound.reason()));
                } else if (resolution instanceof Resolution.NotAsked notAsked) {
                    end(Verdict.notAsked(EndReason.RESOLVER_BUSY, notAsked.reason()));
                }
            });
        }

        private void connect(List<InetAddress> addresses, int index) {
            if (ended) {
                return;
            }
            InetAddress address = addresses.get(index);
            boolean here = own.test(address);
            if (here && network == Network.SILENT) {
                network = Network.UNKNOWN;
            }
            Bootstrap bootstrap = new Bootstrap()
                    .group(loop)
                    .channel(Transport.best().clientChannel())
                    .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(BYTES_PER_READ))
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                            Math.max(1, TimeUnit.NANOSECONDS.toMillis(limitNanos) / addresses.size()))
                    // the handlers follow when there is a connection
                    .handler(new ChannelInboundHandlerAdapter());
            var connecting = bootstrap.connect(
                    new InetSocketAddress(address, target.backend().port()));
            channel = connecting.channel();
            connecting.addListener(outcome -> loop.execute(() -> {
                Throwable cause = outcome.cause();
                if (!here && (cause == null || ConnectFault.reason(cause) == EndReason.CONNECT_REFUSED)) {
                    // a refusal comes from the other machine as well
                    network = Network.WORKS;
                }
                if (cause == null) {
                    send(connecting.channel());
                } else if (ConnectFault.isLocal(cause) || cause instanceof Error) {
                    end(Verdict.notAsked(EndReason.NO_SOCKET_LEFT, ConnectFault.describe(cause)));
                } else if (index + 1 < addresses.size()) {
                    connect(addresses, index + 1);
                } else {
                    end(Verdict.bad(ConnectFault.reason(cause), ConnectFault.describe(cause)));
                }
            }));
        }

        private void send(Channel connected) {
            if (ended) {
                connected.close();
                return;
            }
            ResponseDecoder decoder = new ResponseDecoder();
            ProbeAnswer expected = new ProbeAnswer(target.question(), decoder, this::end);
            answer = expected;
            Backend backend = target.backend();
            if (backend.tls()) {
                SslHandler ssl = tls().newHandler(connected.alloc(), backend.host(), backend.port());
                ssl.setHandshakeTimeoutMillis(0);
                connected.pipeline().addLast(ssl);
            }
            connected.pipeline().addLast(decoder, expected);
            expected.ask(connected);
        }

        private void late() {
            String seconds = TimeUnit.NANOSECONDS.toMillis(limitNanos) / 1_000.0 + " s";
            end(
                    answer == null
                            ? Verdict.bad(EndReason.CONNECT_TIMED_OUT, "no connection within " + seconds)
                            : answer.atLimit("no answer within " + seconds));
        }

        private void end(Verdict verdict) {
            if (ended) {
                return;
            }
            ended = true;
            if (limit != null) {
                limit.cancel(false);
            }
            if (channel != null) {
                channel.close();
            }
            running--;
            told.accept(verdict.after(System.nanoTime() - start, verdict.known() ? network : Network.UNKNOWN));
            next();
        }
    }
}
