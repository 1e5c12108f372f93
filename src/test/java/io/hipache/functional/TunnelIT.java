package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.testing.BigBody;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An upgrade that a backend grants makes both connections one, byte for byte. */
class TunnelIT {
    private static final String ASK = "GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: key\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private static final String GRANT =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    /** Long enough for 64 MiB, were nobody holding them back. */
    private static final Duration STALL = Duration.ofMillis(1500);

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.configured("{'server': {'address': '127.0.0.1', 'port': 1, 'tcpTimeout': 1, 'https': "
                + "{'port': 2, 'key': '" + TestTls.KEY + "', 'cert': '" + TestTls.CERT + "'}}, 'driver': 'REDIS'}");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @Test
    void tellsTheBackendWhatTheClientAskedForAndWhereItCameFrom() {
        TestBackend backend = granting((request, wire) -> wire.awaitClose());
        try (RawClient client = tunnel()) {
            ReceivedRequest handshake = backend.awaitRequest();

            assertThat(client.localPort()).isPositive();
            assertThat(handshake.requestLine()).isEqualTo("GET /chat HTTP/1.1");
            assertThat(handshake.headers("connection")).containsExactly("Upgrade");
            assertThat(handshake.headers("upgrade")).containsExactly("websocket");
            assertThat(handshake.header("sec-websocket-key")).isEqualTo("key");
            assertThat(handshake.header("sec-websocket-version")).isEqualTo("13");
            assertThat(handshake.header("x-forwarded-for")).isEqualTo("::ffff:127.0.0.1");
            assertThat(handshake.header("x-forwarded-port")).isEqualTo(String.valueOf(hipache.port()));
        }
    }

    @ParameterizedTest
    @CsvSource({", false", "TLSv1.2, false", "TLSv1.3, false", ", true", "TLSv1.3, true"})
    void losesNoByteThatFollowsTheHandshakeInTheSamePacket(String clientTls, boolean backendTls) {
        Reply reply = (request, wire) -> {
            wire.send(GRANT + "hello");
            wire.send(wire.readUntil("!").toUpperCase(Locale.ROOT));
            wire.awaitClose();
        };
        try (TestBackend backend = backendTls ? TestBackend.overTls(reply) : TestBackend.answering(reply);
                RawClient client =
                        clientTls == null ? hipache.client() : RawClient.connectTls(hipache.port(1), clientTls)) {
            hipache.host("a.example").connects(backend);

            client.send(ASK + "early");
            assertThat(client.readUntil("hello")).isEqualTo(GRANT + "hello");
            client.send(" bird!");

            assertThat(client.readUntil("!")).isEqualTo("EARLY BIRD!");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 403, 426, 500})
    void everyOtherAnswerIsAnOrdinaryOneAndWhatFollowsTheNextRequest(int status) {
        TestBackend backend =
                hipache.backendOf("a.example", Response.status(status).body("hello"));
        try (RawClient client = hipache.client()) {
            client.send(ASK + "GET /next HTTP/1.1\r\nHost: other.example\r\n\r\n");

            ReceivedResponse first = client.readResponse();
            assertThat(first.status()).isEqualTo(status);
            assertThat(first.body()).isEqualTo("hello");
            assertThat(first.header("upgrade")).isNull();
            assertThat(client.readResponse().status())
                    .as("of a host that is not there")
                    .isEqualTo(400);
        }

        assertThat(backend.requests()).hasSize(1);
    }

    @Test
    void anUnknownHostIsA400AndTheConnectionGoesOn() {
        hipache.host("dead.example").lists();
        try (RawClient client = hipache.client()) {
            assertThat(client.send(ASK).readResponse().status()).isEqualTo(400);
            assertThat(client.send(ASK.replace("a.example", "dead.example"))
                            .readResponse()
                            .status())
                    .isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void goesToAnotherBackendWhenOneRefuses() {
        Reply reply = (request, wire) -> {
            wire.send(GRANT);
            wire.awaitClose();
        };
        try (TestBackend backend = TestBackend.answering(reply)) {
            hipache.host("*.example").lists(DeadAddress.url(), backend.url());

            Awaitility.await().until(() -> {
                try (RawClient client = tunnel()) {
                    return client.localPort() > 0 && hipache.redis().exists("dead:a.example");
                }
            });
        }
    }

    @Test
    void aBackendThatRefusesOrBreaksOffCostsOneRequest() {
        TestBackend backend = hipache.backendOf("a.example", (request, wire) -> wire.reset());
        try (RawClient client = hipache.client()) {
            assertThat(client.send(ASK).readResponse().status()).isEqualTo(502);
            backend.close();
            assertThat(client.send(ASK).readResponse().status()).isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: h2c", "Upgrade: other", "X: y"})
    void a101ToSomethingElseIsA502(String upgrade) {
        hipache.backendOf("a.example", (request, wire) -> {
            wire.send("HTTP/1.1 101 x\r\nConnection: Upgrade\r\n" + upgrade + "\r\n\r\nsmuggled");
            wire.awaitClose();
        });
        try (RawClient client = hipache.client()) {
            assertThat(client.send(ASK).readResponse().status()).isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void h2cIsNotAskedFor() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");

            assertThat(client.readResponse().body()).isEqualTo("hello");
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("upgrade")).isNull();
        assertThat(request.header("connection")).isNull();
        assertThat(request.header("http2-settings")).isNull();
    }

    @Test
    void theEndOfTheClientsHalfIsCarriedOver() {
        granting((request, wire) -> {
            String all = wire.readToEnd();
            wire.send("got " + all);
            wire.finish();
        });
        try (RawClient client = tunnel()) {
            client.send("everything").finishSending();

            assertThat(client.readToEnd()).isEqualTo("got everything");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aClientThatLeavesInOrderIsNoResetForTheBackend(String tls) {
        CompletableFuture<String> end = new CompletableFuture<>();
        TestBackend backend = granting((request, wire) -> {
            end.complete(wire.readToEnd());
            wire.send("goodbye to nobody");
            wire.finish();
        });

        try (RawClient client = tunnel(tls)) {
            client.send("I am off");
        }

        Awaitility.await().untilAsserted(() -> assertThat(end).isCompletedWithValue("I am off"));
        Awaitility.await().until(() -> backend.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aBackendThatLeavesInOrderIsNoResetForTheClient(String tls) {
        granting((request, wire) -> {
            wire.send("that is all");
            wire.close();
        });
        try (RawClient client = tunnel(tls)) {
            assertThat(client.readUntil("all")).isEqualTo("that is all");

            client.expectClosedInOrder();
        }
    }

    @Test
    void theEndOfTheBackendsHalfIsCarriedOver() {
        CompletableFuture<String> rest = new CompletableFuture<>();
        granting((request, wire) -> {
            wire.send("that is all");
            wire.finishSending();
            rest.complete(wire.readToEnd());
            wire.close();
        });
        try (RawClient client = tunnel()) {
            assertThat(client.readToEnd()).isEqualTo("that is all");
            client.send("thanks");
        }

        Awaitility.await().untilAsserted(() -> assertThat(rest).isCompletedWithValue("thanks"));
    }

    @Test
    void aResetOfTheClientEndsTheBackendsConnectionToo() {
        CompletableFuture<String> end = new CompletableFuture<>();
        TestBackend backend = granting((request, wire) -> {
            try {
                end.complete("in order, after " + wire.readToEnd());
            } catch (IOException reset) {
                end.complete("reset");
            }
        });
        RawClient client = tunnel();

        client.reset();

        Awaitility.await().untilAsserted(() -> assertThat(end).isCompletedWithValue("reset"));
        Awaitility.await().until(() -> backend.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSv1.2", "TLSv1.3"})
    void aResetOfTheBackendIsOneOfTheClientBehindAllThatCame(String tls) {
        granting((request, wire) -> {
            wire.send("last words");
            wire.readUntil("!");
            wire.reset();
        });
        try (RawClient client = tunnel(tls)) {
            assertThat(client.readUntil("words")).isEqualTo("last words");
            client.send("!");

            client.expectReset();
        }
    }

    @Test
    void aClientThatStallsStopsTheBackendAndThenGetsEveryByte() {
        BigBody body = BigBody.ofMebibytes(64);
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        TestBackend backend = granting((request, wire) -> {
            wire.send(body);
            sent.complete(true);
            wire.finish();
        });
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.send(ASK).readUntil("\r\n\r\n");
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
        granting((request, wire) -> {
            go.join();
            received.complete(wire.readDigest(body.length()));
            wire.awaitClose();
        });
        try (RawClient client = tunnel()) {
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
        granting((request, wire) -> {
            wire.send(wire.readUntil("!"));
            wire.awaitClose();
        });
        try (RawClient client = tunnel()) {
            Awaitility.await()
                    .pollDelay(Duration.ofMillis(2500))
                    .until(() -> client.send("still here!").readUntil("!").equals("still here!"));
        }
    }

    @Test
    void endsWhenIdleForItsOwnTimeout() {
        try (TestHipache impatient = TestHipache.with("'tunnelTimeout': 1")) {
            TestBackend backend = impatient.backendOf("a.example", (request, wire) -> {
                wire.send(GRANT);
                wire.awaitClose();
            });
            try (RawClient client = impatient.client()) {
                client.send(ASK).readUntil("\r\n\r\n");
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
                wire.send(GRANT);
                wire.awaitClose();
            });
            RawClient first = narrow.client();
            first.send(ASK).readUntil("\r\n\r\n");
            try (RawClient second = narrow.client()) {
                assertThat(second.send(ASK).readResponse().status()).isEqualTo(504);

                first.close();

                assertThat(second.send(ASK).readUntil("\r\n\r\n")).isEqualTo(GRANT);
            }
        }
    }

    @Test
    void isLoggedWhenItEndsWithBytesAndDuration() {
        try (TestHipache logging = TestHipache.start()) {
            logging.backendOf("a.example", (request, wire) -> {
                wire.send(GRANT + "12345");
                wire.readToEnd();
                wire.finish();
            });
            try (RawClient client = logging.client()) {
                client.send(ASK).readUntil("12345");
                assertThat(logging.accessLog()).isEmpty();
            }

            List<AccessLogEntry> lines = logging.awaitAccessLog(1);
            assertThat(lines.get(0).status()).isEqualTo(101);
            assertThat(lines.get(0).bytes()).isEqualTo(GRANT.length() + 5);
            assertThat(lines.get(0).virtualHost()).isEqualTo("vhost-a.example");
            assertThat(lines.get(0).totalNanos())
                    .isGreaterThanOrEqualTo(lines.get(0).backendNanos());
        }
    }

    @Test
    void keepsBothSocketsAliveByTcp() {
        TestBackend backend = granting((request, wire) -> wire.awaitClose());
        try (RawClient client = tunnel()) {
            assertThat(client.localPort()).isPositive();
            // "02" is the timer of keep-alive, as Documentation/networking/proc_net_tcp.rst of Linux says
            Awaitility.await().untilAsserted(() -> assertThat(sockets())
                    .anyMatch(line -> line.matches(
                            ".*:%04X \\w*0100007F:%04X 01 \\S+ 02:.*".formatted(hipache.port(), client.localPort())))
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

    /** A backend that grants every upgrade and does this then. */
    private static TestBackend granting(Reply then) {
        return hipache.backendOf("a.example", (request, wire) -> {
            wire.send(GRANT);
            then.answer(request, wire);
        });
    }

    private static RawClient tunnel() {
        return tunnel("");
    }

    /** @param tls the version of TLS to speak, empty for none */
    private static RawClient tunnel(String tls) {
        RawClient client = tls.isEmpty() ? hipache.client() : RawClient.connectTls(hipache.port(1), tls);
        assertThat(client.send(ASK).readUntil("\r\n\r\n")).isEqualTo(GRANT);
        return client;
    }
}
