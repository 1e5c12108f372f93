package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code server.lruCache}: what it hides, and for how long. */
class LookupCacheIT {

    @Test
    void hidesAChangeOfTheStoreForItsTime() {
        try (TestHipache hipache = TestHipache.with("'lruCache': {'size': 10, 'ttl': 1.5}");
                TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one);
            assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("one");

            hipache.redis().command("LSET", "frontend:a.example", "1", two.url());
            String meanwhile = hipache.host("a.example").gets(200).body();

            assertThat(meanwhile).isEqualTo("one");
            Awaitility.await().until(() -> hipache.host("a.example").gets(200).body(), "two"::equals);
        }
    }

    @Test
    void forgetsAHostWhenABackendOfItDies() {
        try (TestHipache hipache = TestHipache.with("'lruCache': {'size': 10, 'ttl': 600}");
                TestBackend failing = TestBackend.answering(Response.status(502));
                TestBackend alive = TestBackend.named("alive")) {
            hipache.host("a.example").connects(failing, alive);

            Awaitility.await().until(() -> status(hipache) == 502);

            for (int i = 0; i < 16; i++) {
                assertThat(status(hipache)).isEqualTo(200);
            }
            assertThat(failing.requests()).hasSize(1);
        }
    }

    private static int status(TestHipache hipache) {
        try (RawClient client = hipache.client()) {
            return client.get("a.example", "/").readResponse().status();
        }
    }
}
