package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.BigBody;
import io.hipache.testing.RawClient;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tunnel passes on every byte, and the end of each half, and is held to limits of its own. */
class TunnelLifeIT {
    /** Long enough for 64 MiB, were nobody holding them back. */
    private static final Duration STALL = Duration.ofMillis(1500);

    private static Tunnels tunnels;

    @BeforeAll
    static void start() {
        tunnels = new Tunnels();
    }

    @AfterAll
    static void stop() {
        tunnels.close();
    }

    @BeforeEach
    void emptyStore() {
        tunnels.hipache().redis().flush();
    }

    @Test
    void theEndOfTheClientsHalfIsCarriedOver() {
        tunnels.granting((request, wire) -> {
            String all = wire.readToEnd();
            wire.send("got " + all);
            wire.finish();
        });
        try (RawClient client = tunnels.open()) {
            client.send("everything").finishSending();

            assertThat(client.readToEnd()).isEqualTo("got everything");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aClientThatLeavesInOrderIsNoResetForTheBackend(String tls) {
        CompletableFuture<String> end = new CompletableFuture<>();
        TestBackend backend = tunnels.granting((request, wire) -> {
            end.complete(wire.readToEnd());
            wire.send("goodbye to nobody");
            wire.finish();
        });

        try (RawClient client = tunnels.open(tls)) {
            client.send("I am off");
        }

        Awaitility.await().untilAsserted(() -> assertThat(end).isCompletedWithValue("I am off"));
        Awaitility.await().until(() -> backend.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aBackendThatLeavesInOrderIsNoResetForTheClient(String tls) {
        tunnels.granting((request, wire) -> {
            wire.send("that is all");
            wire.close();
        });
        try (RawClient client = tunnels.open(tls)) {
            assertThat(client.readUntil("all")).isEqualTo("that is all");

            client.expectClosedInOrder();
        }
    }

    @Test
    void theEndOfTheBackendsHalfIsCarriedOver() {
        CompletableFuture<String> rest = new CompletableFuture<>();
        tunnels.granting((request, wire) -> {
            wire.send("that is all");
            wire.finishSending();
            rest.complete(wire.readToEnd());
            wire.close();
        });
        try (RawClient client = tunnels.open()) {
            assertThat(client.readToEnd()).isEqualTo("that is all");
            client.send("thanks");
        }

        Awaitility.await().untilAsserted(() -> assertThat(rest).isCompletedWithValue("thanks"));
    }

    @Test
    void aResetOfTheClientEndsTheBackendsConnectionToo() {
        CompletableFuture<String> end = new CompletableFuture<>();
        TestBackend backend = tunnels.granting((request, wire) -> {
            try {
                end.complete("in order, after " + wire.readToEnd());
            } catch (IOException reset) {
                end.complete("reset");
            }
        });
        RawClient client = tunnels.open();

        client.reset();

        Awaitility.await().untilAsserted(() -> assertThat(end).isCompletedWithValue("reset"));
        Awaitility.await().until(() -> backend.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aResetOfTheBackendIsOneOfTheClientBehindAllThatCame(String tls) {
        tunnels.granting((request, wire) -> {
            wire.send("last words");
            wire.readUntil("!");
            wire.reset();
        });
        try (RawClient client = tunnels.open(tls)) {
            assertThat(client.readUntil("words")).isEqualTo("last words");
            client.send("!");

            client.expectReset();
        }
    }

    @Test
    void aClientThatStallsStopsTheBackendAndThenGetsEveryByte() {
        BigBody body = BigBody.ofMebibytes(64);
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        TestBackend backend = tunnels.granting((request, wire) -> {
            wire.send(body);
            sent.complete(true);
            wire.finish();
        });
        try (RawClient client =
                RawClient.connectWithReceiveBuffer(tunnels.hipache().port(), 64 << 10)) {
            client.send(Tunnels.ASK).readUntil("\r\n\r\n");
            Awaitility.await().during(STALL).until(() -> !sent.isDone());

            assertThat(client.readDigest(body.length())).isEqualTo(body.digest());
            client.expectClosed();
        }

        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void aBackendThatStallsStopsTheClientAndThenGetsEveryByte() throws Exception {
        BigBody body = BigBody.ofMebibytes(64);
        CompletableFuture<Void> go = new CompletableFuture<>();
        CompletableFuture<Object> received = new CompletableFuture<>();
        tunnels.granting((request, wire) -> {
            go.join();
            received.complete(wire.readDigest(body.length()));
            wire.awaitClose();
        });
        try (RawClient client = tunnels.open()) {
            Thread sender = new Thread(() -> client.send(body));
            sender.start();
            Awaitility.await().during(STALL).until(sender::isAlive);

            go.complete(null);

            Awaitility.await().untilAsserted(() -> assertThat(received).isCompletedWithValue(body.digest()));
            sender.join();
        }
    }

    @Test
    void isNoConcernOfTheTimeoutForRequests() {
        tunnels.granting((request, wire) -> {
            wire.send(wire.readUntil("!"));
            wire.awaitClose();
        });
        try (RawClient client = tunnels.open()) {
            Awaitility.await()
                    .pollDelay(Duration.ofMillis(2500))
                    .until(() -> client.send("still here!").readUntil("!").equals("still here!"));
        }
    }

    @Test
    void endsWhenIdleForItsOwnTimeout() {
        try (TestHipache impatient = TestHipache.with("'tunnelTimeout': 1")) {
            TestBackend backend = impatient.backendOf("a.example", (request, wire) -> {
                wire.send(Tunnels.GRANT);
                wire.awaitClose();
            });
            try (RawClient client = impatient.client()) {
                client.send(Tunnels.ASK).readUntil("\r\n\r\n");
                long before = System.nanoTime();

                client.expectClosed();

                assertThat(System.nanoTime() - before).isGreaterThan(900_000_000L);
                Awaitility.await().until(() -> backend.openConnections() == 0);
            }
        }
    }

    @Test
    void occupiesASocketOfItsBackendUntilItEnds() {
        try (TestHipache narrow = TestHipache.with("'tcpTimeout': 1, 'maxSockets': 1")) {
            narrow.backendOf("a.example", (request, wire) -> {
                wire.send(Tunnels.GRANT);
                wire.awaitClose();
            });
            RawClient first = narrow.client();
            first.send(Tunnels.ASK).readUntil("\r\n\r\n");
            try (RawClient second = narrow.client()) {
                assertThat(second.send(Tunnels.ASK).readResponse().status()).isEqualTo(503);

                first.close();

                Awaitility.await()
                        .until(() ->
                                second.send(Tunnels.ASK).readHead().startLine().contains(" 101 "));
            }
        }
    }

    @Test
    void isLoggedWhenItEndsWithBytesAndDuration() {
        try (TestHipache logging = TestHipache.start()) {
            logging.backendOf("a.example", (request, wire) -> {
                wire.send(Tunnels.GRANT + "12345");
                wire.readToEnd();
                wire.finish();
            });
            try (RawClient client = logging.client()) {
                client.send(Tunnels.ASK).readUntil("12345");
                assertThat(logging.accessLog()).isEmpty();
            }

            List<ExchangeEnd> lines = logging.awaitAccessLog(1);
            assertThat(lines.get(0).status()).isEqualTo(101);
            assertThat(lines.get(0).bytes()).isEqualTo(Tunnels.GRANT.length() + 5);
            assertThat(lines.get(0).virtualHost()).isEqualTo("vhost-a.example");
            assertThat(lines.get(0).totalNanos())
                    .isGreaterThanOrEqualTo(lines.get(0).backendNanos());
        }
    }

    @Test
    void keepsBothSocketsAliveByTcp() {
        TestBackend backend = tunnels.granting((request, wire) -> wire.awaitClose());
        try (RawClient client = tunnels.open()) {
            assertThat(client.localPort()).isPositive();
            // "02" is the timer of keep-alive, as Documentation/networking/proc_net_tcp.rst of Linux says
            Awaitility.await().untilAsserted(() -> assertThat(sockets())
                    .anyMatch(line -> line.matches(".*:%04X \\w*0100007F:%04X 01 \\S+ 02:.*"
                            .formatted(tunnels.hipache().port(), client.localPort())))
                    .anyMatch(
                            line -> line.matches(".*:\\w+ \\w*0100007F:%04X 01 \\S+ 02:.*".formatted(backend.port()))));
        }
    }

    private static List<String> sockets() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        // where an IPv4 connection stands when its socket could have done IPv6
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        return lines;
    }
}
