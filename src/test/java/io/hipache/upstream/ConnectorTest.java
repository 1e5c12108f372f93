package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.net.BackendResolver;
import io.hipache.net.Resolution;
import io.hipache.net.Transport;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Backend;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** More bytes than the kernel takes of a connection that nobody reads. */
    private static final int LONG = 32 << 20;

    private final EventLoopGroup group = Transport.best().newEventLoop("connector-test");
    private final EventLoop loop = group.next();
    private final BackendResolver resolver = new BackendResolver(loop);
    private final UpstreamPool pool = newPool();
    private final ServerSocket listening = newServerSocket();

    @BeforeEach
    void acceptsNothingByItself() throws IOException {
        listening.setSoTimeout((int) PATIENCE.toMillis());
    }

    @AfterEach
    void endEverything() throws IOException {
        listening.close();
        resolver.close();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void connectsToABackend() throws Exception {
        Result result = acquire(backend(false));

        try (Socket accepted = listening.accept()) {
            Http1UpstreamConnection connection = result.connection();
            assertThat(onLoop(connection::isAlive)).isTrue();
            assertThat(accepted.getPort()).isPositive();
        }
    }

    @Test
    void saysThatAConnectionWasRefused() throws Exception {
        listening.close();

        UpstreamFailure failure = acquire(backend(false)).failure();

        assertThat(failure).isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED"));
        assertThat(onLoop(pool::size)).isZero();
    }

    @Test
    void saysThatANameIsUnknown() throws Exception {
        UpstreamFailure failure =
                acquire(new Backend(false, "no-such-name.invalid", 80)).failure();

        assertThat(failure).isInstanceOf(UpstreamFailure.NotConnected.class);
        assertThat(failure.cause()).startsWith("no-such-name.invalid");
    }

    @Test
    void doesNotBlameTheBackendForNamesThatCannotBeLookedUp() throws Exception {
        Connector busy = connector(
                (host, answer) -> answer.accept(new Resolution.NotAsked(host + ": too many other names")), PATIENCE);

        UpstreamFailure failure = connect(busy).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(failure).isEqualTo(new UpstreamFailure.NotLookedUp("127.0.0.1: too many other names"));
    }

    @Test
    void givesAllAddressesOfANameTheTimeOfOneConnection() throws Exception {
        InetAddress silent = listening.getInetAddress();
        Connector connector = connector(
                (host, answer) -> answer.accept(new Resolution.Found(Collections.nCopies(4, silent))),
                Duration.ofSeconds(1));
        List<Socket> queue = fillQueue();
        long begin = System.nanoTime();

        UpstreamFailure failure = connect(connector).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(failure).isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(3));
        for (Socket waiting : queue) {
            waiting.close();
        }
    }

    @Test
    void freesTheSocketOfAFailedTlsHandshakeOnce() throws Exception {
        Result first = acquire(backend(true));
        Result waiting = acquire(backend(true));

        try (Socket accepted = listening.accept()) {
            accepted.getOutputStream().write("no TLS here\r\n".getBytes(StandardCharsets.US_ASCII));
            accepted.getInputStream().readAllBytes();
        }

        assertThat(first.failure().cause()).startsWith("TLS: ");
        try (Socket next = listening.accept()) {
            assertThat(next.isConnected()).isTrue();
            assertThat(waiting.failed()).isNotDone();
            assertThat(onLoop(pool::size)).as("a handshake is in progress").isEqualTo(1);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(onLoop(pool::size)).isZero());
    }

    @Test
    void hearsABackendOutThatAnswersEarlyAndCloses() throws Exception {
        Http1UpstreamConnection connection = acquire(backend(false)).connection();
        RecordingAcquirer listener = new RecordingAcquirer();

        onLoop(() -> {
            listener.connection = connection;
            connection.send(new PlainRequest("PUT"), listener);
            connection.body(connection.channel().alloc().buffer(LONG).writeZero(LONG));
            connection.flush();
            return true;
        });
        try (Socket accepted = listening.accept()) {
            // closing with bytes unread makes the kernel send a reset behind the answer
            accepted.getOutputStream()
                    .write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".getBytes(StandardCharsets.US_ASCII));
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(onLoop(() -> List.copyOf(listener.events)))
                .endsWith("head 413", "body no", "end"));
        assertThat(onLoop(() -> {
                    connection.giveBack();
                    return connection.isAlive();
                }))
                .isFalse();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(onLoop(pool::size)).isZero());
    }

    /** What became of one acquisition. */
    private record Result(
            CompletableFuture<Http1UpstreamConnection> acquired, CompletableFuture<UpstreamFailure> failed) {
        Http1UpstreamConnection connection() throws Exception {
            return acquired.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        UpstreamFailure failure() throws Exception {
            return failed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private Result acquire(Backend backend) {
        Result result = new Result(new CompletableFuture<>(), new CompletableFuture<>());
        loop.execute(() -> pool.acquire(backend, List.of(), false, false, new Acquisition.Acquirer() {
            @Override
            public void acquired(UpstreamExchange upstream, long connectNanos) {
                result.acquired().complete((Http1UpstreamConnection) upstream);
            }

            @Override
            public void notAcquired(UpstreamFailure failure) {
                result.failed().complete(failure);
            }

            @Override
            public void freeElsewhere() {
                throw new AssertionError("waited");
            }
        }));
        return result;
    }

    /** Why a connector of its own does not connect. */
    private CompletableFuture<UpstreamFailure> connect(Connector connector) {
        CompletableFuture<UpstreamFailure> failed = new CompletableFuture<>();
        UpstreamPool own = new UpstreamPool(
                loop, connector, new UpstreamSettings(1, true, PATIENCE), new Admission(AdmissionLimits.NONE));
        loop.execute(() -> own.acquire(backend(false), List.of(), false, false, new Acquisition.Acquirer() {
            @Override
            public void acquired(UpstreamExchange upstream, long connectNanos) {
                failed.completeExceptionally(new AssertionError("connected"));
            }

            @Override
            public void notAcquired(UpstreamFailure failure) {
                failed.complete(failure);
            }

            @Override
            public void freeElsewhere() {
                throw new AssertionError("waited");
            }
        }));
        return failed;
    }

    private Connector connector(Connector.Names names, Duration timeout) {
        return new Connector(
                loop,
                Transport.best(),
                names,
                () -> {
                    throw new AssertionError("no TLS here");
                },
                timeout);
    }

    /** Connects to the listening socket, which accepts nobody, until the kernel lets nobody else in. */
    private List<Socket> fillQueue() throws IOException {
        List<Socket> queue = new ArrayList<>();
        while (true) {
            Socket next = new Socket();
            queue.add(next);
            try {
                next.connect(listening.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return queue;
            }
        }
    }

    private <T> T onLoop(Callable<T> question) throws Exception {
        return loop.submit(question).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private Backend backend(boolean tls) {
        return new Backend(tls, "127.0.0.1", listening.getLocalPort());
    }

    private UpstreamPool newPool() {
        try {
            SslContext tls = SslContextBuilder.forClient().build();
            Connector connector = new Connector(loop, Transport.best(), resolver, () -> tls, PATIENCE);
            return new UpstreamPool(
                    loop, connector, new UpstreamSettings(1, true, PATIENCE), new Admission(AdmissionLimits.NONE));
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    private static ServerSocket newServerSocket() {
        try {
            return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
