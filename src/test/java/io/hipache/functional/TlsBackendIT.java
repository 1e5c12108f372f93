package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.BigBody;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backends behind {@code https://} are spoken to over TLS. */
class TlsBackendIT {
    private static TestHipache hipache;

    private TestBackend backend;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'tcpTimeout': 2, 'retryOnError': 3");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void startBackend() {
        hipache.redis().flush();
        backend = TestBackend.overTls(Response.ok("hello"));
    }

    @AfterEach
    void stopBackend() {
        backend.close();
    }

    @Test
    void oneConnectionServesManyRequests() {
        hipache.host("a.example").connects(backend);

        for (int i = 0; i < 3; i++) {
            assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
        }

        assertThat(backend.connections()).isEqualTo(1);
        ReceivedRequest request = backend.awaitRequest();
        // what counts is how the client came
        assertThat(request.header("x-forwarded-proto")).isEqualTo("http");
        assertThat(request.header("host")).isEqualTo("a.example");
    }

    @Test
    void passesOnLargeBodies() {
        BigBody body = BigBody.ofMebibytes(16);
        hipache.host("a.example").connects(backend);
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.sendChunked(body);
            assertThat(client.readResponse().body()).isEqualTo("hello");
            assertThat(backend.awaitRequest().digest()).isEqualTo(body.digest());

            backend.answers(Response.ok().body(body));
            assertThat(client.get("a.example", "/").readResponse().digest()).isEqualTo(body.digest());
        }
    }

    @Test
    void aBackendThatSpeaksNoTlsIsDead() {
        try (TestBackend plain = TestBackend.answering((request, wire) -> wire.close())) {
            hipache.host("a.example").lists("https://" + plain.authority(), backend.url());

            Awaitility.await().until(() -> {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
                return hipache.redis().exists("dead:a.example");
            });
        }
    }

    @Test
    void aBackendThatNeverShakesHandsIsDead() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            hipache.host("a.example").lists("https://127.0.0.1:" + silent.getLocalPort(), backend.url());

            Awaitility.await().until(() -> {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
                return hipache.redis().exists("dead:a.example");
            });
        }
    }

    @Test
    void anUnframedBodyEndsWithAGoodbye() {
        backend.answers(Response.ok().untilClose("hello"));
        hipache.host("a.example").connects(backend);

        ReceivedResponse response = hipache.host("a.example").gets(200);

        assertThat(response.body()).isEqualTo("hello");
    }

    @Test
    void anUnframedBodyWithoutAGoodbyeIsBroken() {
        backend.answers((request, wire) -> {
            wire.send("HTTP/1.1 200 OK\r\n\r\nhello");
            wire.finishWithoutGoodbye();
        });
        hipache.host("a.example").connects(backend);
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");

            assertThat(client.readBrokenResponse().body()).isEqualTo("hello");
        }
    }

    @Test
    void aFramedBodyNeedsNoGoodbye() {
        backend.answers((request, wire) -> {
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            wire.finishWithoutGoodbye();
        });
        hipache.host("a.example").connects(backend);

        for (int i = 0; i < 3; i++) {
            assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
        }
    }
}
