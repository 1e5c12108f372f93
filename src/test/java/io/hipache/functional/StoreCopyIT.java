package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code server.cache}, {@code server.staleIfDown} and {@code server.settle}. */
class StoreCopyIT {

    @Test
    void obeysAChangeThatIsToldAtOnce() {
        try (TestHipache hipache = TestHipache.with("'cache': 'tracking'");
                TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two");
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(one);
            assertThat(body(client, "a.example")).isEqualTo("one");
            assertThat(body(client, "a.example")).isEqualTo("one");

            hipache.redis().command("LSET", "frontend:a.example", "1", two.url());

            Awaitility.await().until(() -> body(client, "a.example"), "two"::equals);
        }
    }

    @Test
    void passesOverABackendThatJustFailedWhileItsMarkIsOnTheWay() {
        try (TestHipache hipache = TestHipache.with("'cache': 'tracking', 'retryOnError': 0");
                TestBackend failing = TestBackend.answering(Response.status(502));
                TestBackend alive = TestBackend.named("alive");
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(failing, alive);

            Awaitility.await()
                    .until(() -> client.get("a.example", "/").readResponse().status() == 502);

            for (int i = 0; i < 16; i++) {
                assertThat(body(client, "a.example")).isEqualTo("alive");
            }
        }
    }

    @Test
    void servesKnownHostsWhileTheStoreIsGone() {
        try (TestHipache hipache = TestHipache.with("'staleIfDown': 600, 'debugHeaders': 'all'");
                TestBackend alive = TestBackend.named("alive");
                RawClient client = hipache.client()) {
            hipache.host("a.example").lists(alive.url(), DeadAddress.url());
            for (int i = 0; i < 20; i++) {
                assertThat(body(client, "a.example")).isEqualTo("alive");
            }
            assertThat(client.get("unknown.example", "/").readResponse().status())
                    .isEqualTo(400);
            hipache.redis().stop();

            for (int i = 0; i < 100; i++) {
                assertThat(body(client, "a.example")).isEqualTo("alive");
            }
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Debug: 1\r\n\r\n");
            assertThat(client.readResponse().header("x-debug-stale")).isEqualTo("true");
            // did not exist, and may exist by now
            assertThat(client.get("unknown.example", "/").readResponse().status())
                    .isEqualTo(503);
            assertThat(client.get("__ready__", "/").readResponse().status()).isEqualTo(200);
            ReceivedResponse other = client.get("other.example", "/").readResponse();
            assertThat(other.status()).isEqualTo(503);
            assertThat(other.header("retry-after")).isEqualTo("1");

            hipache.redis().restart();
            Awaitility.await()
                    .until(() -> client.get("a.example", "/").readResponse().status() == 400);
        }
    }

    @Test
    void keepsAHostWhileAnEditorWritesItAgain() {
        try (TestHipache hipache = TestHipache.with("'settle': 60000");
                TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two");
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(one);
            assertThat(body(client, "a.example")).isEqualTo("one");

            hipache.redis().del("frontend:a.example");
            assertThat(body(client, "a.example")).isEqualTo("one");
            hipache.redis().rpush("frontend:a.example", "site");
            assertThat(body(client, "a.example")).isEqualTo("one");
            hipache.redis().rpush("frontend:a.example", two.url());
            assertThat(body(client, "a.example")).isEqualTo("two");
        }
    }

    private static String body(RawClient client, String host) {
        ReceivedResponse response = client.get(host, "/").readResponse();
        assertThat(response.status()).isEqualTo(200);
        return response.body();
    }
}
