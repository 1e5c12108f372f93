package io.hipache.checker;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.BackendResolver;
import io.hipache.net.Resolution;
import io.hipache.net.Transport;
import io.hipache.routing.Backend;
import io.hipache.tls.TlsContexts;
import io.hipache.tls.TlsProvider;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
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
import org.jspecify.annotations.Nullable;

/**
 * Asks backends, a limited number at a time, on a loop of its own. Each question has a new connection and one time limit for
 * all of it. Certificates of backends are not verified, as in the proxy. TLS is the JDK's: this process may be root, and
 * no native code reads what a backend sends.
 */
final class Prober implements AutoCloseable {

    private static final int MOST_AT_A_TIME = 64;
    private static final int BYTES_PER_READ = 4 * 1024;

    /** What a machine says that is out of file descriptors, ports or memory. */
    private static final List<String> LOCAL = List.of(
            "Cannot assign requested address",
            "Resource temporarily unavailable",
            "No buffer space available",
            "Cannot allocate memory");

    private final EventLoopGroup group = Transport.best().newEventLoop("probes");
    private final EventLoop loop = group.next();
    private final BackendResolver names = new BackendResolver(loop);
    private final long limitNanos;
    private final Queue<Probe> waiting = new ArrayDeque<>();
    private @Nullable SslContext tls;
    private int running;

    Prober(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    /**
     * Asks a backend, now or when others have ended.
     *
     * @param told is told the end, on the loop of the probes; never when this is closed meanwhile
     */
    void ask(Target target, Consumer<Verdict> told) {
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
        private @Nullable Future<?> limit;
        private @Nullable Channel channel;
        private @Nullable ProbeAnswer answer;
        private boolean ended;

        Probe(Target target, Consumer<Verdict> told) {
            this.target = target;
            this.told = told;
        }

        void begin() {
            limit = loop.schedule(this::late, limitNanos, TimeUnit.NANOSECONDS);
            names.resolve(target.backend().host(), resolution -> {
                if (resolution instanceof Resolution.Found found) {
                    connect(found.addresses(), 0);
                } else if (resolution instanceof Resolution.NotFound notFound) {
                    end(Verdict.bad(notFound.reason()));
                } else if (resolution instanceof Resolution.NotAsked notAsked) {
                    end(Verdict.notAsked(notAsked.reason()));
                }
            });
        }

        private void connect(List<InetAddress> addresses, int index) {
            if (ended) {
                return;
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
                    new InetSocketAddress(addresses.get(index), target.backend().port()));
            channel = connecting.channel();
            connecting.addListener(outcome -> loop.execute(() -> {
                Throwable cause = outcome.cause();
                if (cause == null) {
                    send(connecting.channel());
                } else if (index + 1 < addresses.size() && !isLocal(cause)) {
                    connect(addresses, index + 1);
                } else {
                    end(isLocal(cause) ? Verdict.notAsked(describe(cause)) : Verdict.bad(describe(cause)));
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
                            ? Verdict.bad("no connection within " + seconds)
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
            told.accept(verdict);
            next();
        }
    }

    private static boolean isLocal(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof ChannelException
                || cause instanceof Error
                || LOCAL.stream().anyMatch(message::contains);
    }

    static String describe(Throwable cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof ConnectTimeoutException) {
            return "ETIMEDOUT";
        }
        if (message.contains("refused")) {
            return "ECONNREFUSED";
        }
        return message.contains("reset by peer") ? "ECONNRESET" : message;
    }
}
