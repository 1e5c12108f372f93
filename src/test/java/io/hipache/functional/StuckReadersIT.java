package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that ask for much and never read it: what they cost is bounded, and each is ended once nothing moves. */
class StuckReadersIT {
    private static final int SOCKETS = 12;
    /** What one answer may have in the worker: what waits unsent, and one buffer more of each side. TLS doubles it. */
    private static final long BYTES_OF_ANSWER = 512 << 10;

    /** Far more than {@code tcpTimeout}. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String GET = "GET / HTTP/1.1\r\nHost: big.example\r\n\r\n";
    private static final Reply ENDLESS = (request, wire) -> {
        byte[] piece = new byte[1 << 16];
        wire.send(
                request.header("upgrade") == null
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
                        : Tunnels.GRANT);
        while (true) {
            wire.send(piece);
        }
    };

    private static TestHipache hipache;

    private final List<AutoCloseable> clients = new ArrayList<>();
    private TestBackend backend;

    /** How clients ask, each for several answers at most. */
    private enum Way {
        PLAIN(1) {
            @Override
            AutoCloseable ask() {
                return plain().send(GET);
            }
        },
        PIPELINED(1) {
            @Override
            AutoCloseable ask() {
                return plain().send(GET.repeat(100));
            }
        },
        TLS(1) {
            @Override
            AutoCloseable ask() {
                return RawClient.connectTls(hipache.port(1), "TLSv1.3").send(GET);
            }
        },
        STREAMS_WITH_OPEN_WINDOWS(4) {
            @Override
            AutoCloseable ask() {
                return streams(1 << 30);
            }
        },
        STREAMS_WITH_SHUT_WINDOWS(4) {
            @Override
            AutoCloseable ask() {
                return streams(1);
            }
        },
        TUNNEL(1) {
            @Override
            AutoCloseable ask() {
                return plain().send(Tunnels.ASK.replace("a.example", "big.example"));
            }
        },
        TUNNEL_OVER_TLS(1) {
            @Override
            AutoCloseable ask() {
                return RawClient.connectTls(hipache.port(1), "TLSv1.3")
                        .send(Tunnels.ASK.replace("a.example", "big.example"));
            }
        };

        /** For each connection. */
        private final int answers;

        Way(int answers) {
            this.answers = answers;
        }

        abstract AutoCloseable ask();

        private static RawClient plain() {
            return RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10);
        }

        AutoCloseable streams(int window) {
            FrameClient client = FrameClient.connect(hipache.port(1)).openWindow(0, 1 << 30);
            for (int stream = 1; stream < 2 * answers; stream += 2) {
                client.get(stream, "big.example", "/").openWindow(stream, window);
            }
            return client;
        }
    }

    @BeforeAll
    static void start() {
        hipache =
                TestHipache.withTls("'tcpTimeout': 1, 'tunnelTimeout': 1, 'maxTunnels': 100, 'maxSockets': " + SOCKETS);
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void startBackends() {
        hipache.redis().flush();
        hipache.backendOf("good.example", Response.ok("hello"));
        backend = hipache.backendOf("big.example", ENDLESS);
    }

    @AfterEach
    void closeClients() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        Awaitility.await().until(() -> hipache.openClients() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void areBoundedAndEnded(Way way) {
        int endsBefore = hipache.ends().size();
        long memoryBefore = bytesOfBuffers();
        for (int answers = 0; answers < SOCKETS; answers += way.answers) {
            clients.add(way.ask());
        }

        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long most = 0;
        long slowest = 0;
        do {
            long start = System.nanoTime();
            assertThat(hipache.host("good.example").gets(200).body()).isEqualTo("hello");
            slowest = Math.max(slowest, System.nanoTime() - start);
            most = Math.max(most, bytesOfBuffers() - memoryBefore);
        } while ((backend.requests().size() < SOCKETS || backend.openConnections() > 0)
                && System.nanoTime() < deadline);

        assertThat(backend.requests()).hasSize(SOCKETS);
        assertThat(backend.openConnections())
                .as("connections that stuck readers keep")
                .isZero();
        assertThat(most).as("bytes of direct memory").isLessThan(SOCKETS * BYTES_OF_ANSWER);
        assertThat(TimeUnit.NANOSECONDS.toMillis(slowest)).as("milliseconds").isLessThan(5_000);
        if (way != Way.STREAMS_WITH_SHUT_WINDOWS) {
            // the others cannot even be told that this is the end
            Awaitility.await().until(() -> hipache.openClients() == 0);
        }
        assertThat(hipache.ends().stream().skip(endsBefore))
                .filteredOn(end -> end.status() != 200 || end.reason() != EndReason.ANSWERED)
                .hasSize(SOCKETS)
                .allSatisfy(end -> assertThat(end.reason()).isIn(EndReason.STALLED, EndReason.TUNNEL_CLOSED));
        assertThat(hipache.redis().exists("dead:big.example")).isFalse();
        backend.answers(Response.ok("free again"));
        assertThat(hipache.host("big.example").gets(200).body()).isEqualTo("free again");
    }

    @Test
    void pagesThatNobodyReadsAreBoundedAndEndTheConnection() {
        long memoryBefore = bytesOfBuffers();
        int endsBefore = hipache.ends().size();
        int requests = 20_000;
        clients.add(Way.plain().send("GET / HTTP/1.1\r\nHost: none.example\r\n\r\n".repeat(requests)));

        Awaitility.await().until(() -> hipache.ends().size() > endsBefore);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long most = 0;
        do {
            hipache.host("good.example").gets(200);
            most = Math.max(most, bytesOfBuffers() - memoryBefore);
        } while (hipache.openClients() > 0 && System.nanoTime() < deadline);

        assertThat(hipache.openClients()).as("connections of clients").isZero();
        assertThat(most).as("bytes of direct memory").isLessThan(4 * BYTES_OF_ANSWER);
        assertThat(hipache.ends().size() - endsBefore)
                .as("answers that nobody fetched stop the next ones")
                .isLessThan(requests);
    }

    @Test
    void pagesThatNoWindowLetsThroughEndTheirStreamsAndThenTheConnection() {
        FrameClient client = FrameClient.handshake(hipache.port(1))
                .preface()
                // SETTINGS_INITIAL_WINDOW_SIZE is 0
                .frame(Frame.SETTINGS, 0, 0, 0, 4, 0, 0, 0, 0);
        clients.add(client);
        client.get(1, "none.example", "/").get(3, "none.example", "/");

        assertThat(client.awaitReset(1)).isEqualTo(Frame.INTERNAL_ERROR);
        assertThat(client.awaitReset(3)).isEqualTo(Frame.INTERNAL_ERROR);
        client.expectClosed();
    }

    /** Bytes in buffers that are not released, without the room that the allocator keeps: it grows by whole chunks. */
    private static long bytesOfBuffers() {
        return ((PooledByteBufAllocator) ByteBufAllocator.DEFAULT).pinnedDirectMemory();
    }
}
