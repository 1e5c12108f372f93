package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import io.hipache.testing.WebSocketClient;
import io.hipache.testing.WebSocketEcho;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real client of WebSocket and a backend that takes RFC 6455 by its letter. */
class WebSocketIT {
    private static final String HOST = "127.0.0.1";
    private static final int SOCKETS = 500;
    private static final int ROUNDS = 10;

    private static final HttpClient http = WebSocketClient.http();
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.configured("{'server': {'address': '127.0.0.1', 'port': 1, 'maxSockets': 1000, 'https': "
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

    @ParameterizedTest
    @CsvSource({"ws, false", "wss, false", "ws, true", "wss, true"})
    void carriesMessagesOfAnySizeAndTheGoodbye(String scheme, boolean tlsBackend) {
        try (TestBackend backend =
                tlsBackend ? TestBackend.overTls(new WebSocketEcho()) : TestBackend.answering(new WebSocketEcho())) {
            hipache.host(HOST).connects(backend);
            WebSocketClient socket = open(scheme).awaitOpen();

            for (int length : List.of(0, 1, 125, 126, 65_535, 65_536, 1_000_000)) {
                String text = "é".repeat(length / 2) + "x".repeat(length % 2);
                assertThat(socket.send(text).awaitMessage()).isEqualTo(text);
            }
            assertThat(socket.sendInPieces("in ", "three ", "pieces").awaitMessage())
                    .isEqualTo("in three pieces");
            assertThat(socket.close(4711)).isEqualTo(4711);

            ReceivedRequest handshake = backend.awaitRequest();
            assertThat(handshake.header("x-forwarded-proto")).isEqualTo(scheme.equals("wss") ? "https" : "http");
        }
    }

    @Test
    void servesManySocketsAtOnceWithEveryEchoRight() {
        try (TestBackend backend = TestBackend.answering(new WebSocketEcho())) {
            hipache.host(HOST).connects(backend);
            List<WebSocketClient> sockets = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(open(i % 5 == 0 ? "wss" : "ws"));
            }
            sockets.forEach(WebSocketClient::awaitOpen);

            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < SOCKETS; i++) {
                    sockets.get(i).send(text(i, round));
                }
                for (int i = 0; i < SOCKETS; i++) {
                    assertThat(sockets.get(i).awaitMessage()).isEqualTo(text(i, round));
                }
            }

            assertThat(backend.openConnections()).isEqualTo(SOCKETS);
            sockets.forEach(socket -> assertThat(socket.close(1000)).isEqualTo(1000));
        }
    }

    /** Of another length for each socket and round. */
    private static String text(int socket, int round) {
        return (socket + ":" + round + ' ').repeat(1 + (socket * 31 + round * 17) % 400);
    }

    private static WebSocketClient open(String scheme) {
        return WebSocketClient.open(
                http, scheme + "://" + HOST + ':' + hipache.port(scheme.equals("wss") ? 1 : 0) + "/chat");
    }
}
