package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An upgrade is asked for like any other request, and what a backend grants makes both connections one. */
class TunnelIT {
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
    void tellsTheBackendWhatTheClientAskedForAndWhereItCameFrom() {
        TestBackend backend = tunnels.granting((request, wire) -> wire.awaitClose());
        try (RawClient client = tunnels.open()) {
            ReceivedRequest handshake = backend.awaitRequest();

            assertThat(client.localPort()).isPositive();
            assertThat(handshake.requestLine()).isEqualTo("GET /chat HTTP/1.1");
            assertThat(handshake.headers("connection")).containsExactly("Upgrade");
            assertThat(handshake.headers("upgrade")).containsExactly("websocket");
            assertThat(handshake.header("sec-websocket-key")).isEqualTo("key");
            assertThat(handshake.header("sec-websocket-version")).isEqualTo("13");
            assertThat(handshake.header("x-forwarded-for")).isEqualTo("::ffff:127.0.0.1");
            assertThat(handshake.header("x-forwarded-port"))
                    .isEqualTo(String.valueOf(tunnels.hipache().port()));
        }
    }

    @ParameterizedTest
    @CsvSource({", false", "TLSv1.2, false", "TLSv1.3, false", ", true", "TLSv1.3, true"})
    void losesNoByteThatFollowsTheHandshakeInTheSamePacket(String clientTls, boolean backendTls) {
        Reply reply = (request, wire) -> {
            wire.send(Tunnels.GRANT + "hello");
            wire.send(wire.readUntil("!").toUpperCase(Locale.ROOT));
            wire.awaitClose();
        };
        try (TestBackend backend = backendTls ? TestBackend.overTls(reply) : TestBackend.answering(reply);
                RawClient client = clientTls == null
                        ? tunnels.hipache().client()
                        : RawClient.connectTls(tunnels.hipache().port(1), clientTls)) {
            tunnels.hipache().host("a.example").connects(backend);

            client.send(Tunnels.ASK + "early");
            assertThat(client.readUntil("hello")).isEqualTo(Tunnels.GRANT + "hello");
            client.send(" bird!");

            assertThat(client.readUntil("!")).isEqualTo("EARLY BIRD!");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 403, 426, 500})
    void everyOtherAnswerIsAnOrdinaryOneAndWhatFollowsTheNextRequest(int status) {
        TestBackend backend =
                tunnels.hipache().backendOf("a.example", Response.status(status).body("hello"));
        try (RawClient client = tunnels.hipache().client()) {
            client.send(Tunnels.ASK + "GET /next HTTP/1.1\r\nHost: other.example\r\n\r\n");

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
        tunnels.hipache().host("dead.example").lists();
        try (RawClient client = tunnels.hipache().client()) {
            assertThat(client.send(Tunnels.ASK).readResponse().status()).isEqualTo(400);
            assertThat(client.send(Tunnels.ASK.replace("a.example", "dead.example"))
                            .readResponse()
                            .status())
                    .isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void goesToAnotherBackendWhenOneRefuses() {
        Reply reply = (request, wire) -> {
            wire.send(Tunnels.GRANT);
            wire.awaitClose();
        };
        try (TestBackend backend = TestBackend.answering(reply)) {
            tunnels.hipache().host("*.example").lists(DeadAddress.url(), backend.url());

            Awaitility.await().until(() -> {
                try (RawClient client = tunnels.open()) {
                    return client.localPort() > 0 && tunnels.hipache().redis().exists("dead:a.example");
                }
            });
        }
    }

    @Test
    void aBackendThatRefusesOrBreaksOffCostsOneRequest() {
        TestBackend backend = tunnels.hipache().backendOf("a.example", (request, wire) -> wire.reset());
        try (RawClient client = tunnels.hipache().client()) {
            assertThat(client.send(Tunnels.ASK).readResponse().status()).isEqualTo(502);
            backend.close();
            assertThat(client.send(Tunnels.ASK).readResponse().status()).isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: h2c", "Upgrade: other", "X: y"})
    void a101ToSomethingElseIsA502(String upgrade) {
        tunnels.hipache().backendOf("a.example", (request, wire) -> {
            wire.send("HTTP/1.1 101 x\r\nConnection: Upgrade\r\n" + upgrade + "\r\n\r\nsmuggled");
            wire.awaitClose();
        });
        try (RawClient client = tunnels.hipache().client()) {
            assertThat(client.send(Tunnels.ASK).readResponse().status()).isEqualTo(502);
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void h2cIsNotAskedFor() {
        TestBackend backend = tunnels.hipache().backendOf("a.example", Response.ok("hello"));
        try (RawClient client = tunnels.hipache().client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");

            assertThat(client.readResponse().body()).isEqualTo("hello");
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("upgrade")).isNull();
        assertThat(request.header("connection")).isNull();
        assertThat(request.header("http2-settings")).isNull();
    }
}
