package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beside hipcheck, which takes backends out of the list itself: its {@code LREM} and {@code RPUSH}, in its order. */
class HipcheckIT {
    private static TestHipache hipache;
    private static TestRedis redis;

    @BeforeAll
    static void start() {
        hipache = TestHipache.start();
        redis = hipache.redis();
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        redis.flush();
    }

    @Test
    void aRemovedBackendGetsNothingMoreAndComesBackAtTheEnd() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one, two);

            unhealthy("a.example", one.url());
            for (int i = 0; i < 16; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("two");
            }

            recovered("a.example", one.url());
            assertThat(polled("a.example")).isEqualTo(List.of(two.url(), one.url()));
            Awaitility.await().until(() -> hipache.host("a.example").gets(200).body(), "one"::equals);
        }
    }

    @Test
    void allRemovedIsNoValidBackendRatherThanNoFrontend() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one, two);

            unhealthy("a.example", one.url());
            unhealthy("a.example", two.url());
            assertThat(polled("a.example")).isEqualTo(List.of());
            ReceivedResponse response = get("a.example");
            assertThat(response.status()).isEqualTo(502);
            assertThat(response.header("x-debug-error")).isEqualTo("Cannot find a valid backend");

            recovered("a.example", two.url());
            assertThat(get("a.example").body()).isEqualTo("two");
        }
    }

    @Test
    void aMarkThatNowNamesAnotherBackendLeavesThatOneOutAndNoMore() {
        try (TestBackend two = TestBackend.named("two");
                TestBackend three = TestBackend.named("three")) {
            String one = DeadAddress.url();
            hipache.host("a.example").lists(one, two.url(), three.url());
            redis.sadd("dead:a.example", "0");

            unhealthy("a.example", one);
            for (int i = 0; i < 8; i++) {
                assertThat(get("a.example").body()).isEqualTo("three");
            }

            unhealthy("a.example", three.url());
            assertThat(get("a.example").header("x-debug-error")).isEqualTo("Cannot find a valid backend");

            // the mark's time is over
            redis.del("dead:a.example");
            assertThat(get("a.example").body()).isEqualTo("two");
        }
    }

    @Test
    void aBackendThatComesBackBehindALiveMarkIsServedAgain() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one, two);
            redis.sadd("dead:a.example", "0");

            unhealthy("a.example", one.url());
            recovered("a.example", one.url());

            // the list is two, one: the mark of the first index has moved to the other
            assertThat(get("a.example").body()).isEqualTo("one");
        }
    }

    @Test
    void marksByItselfUntilHipcheckNotices() {
        try (TestBackend down = TestBackend.start().misbehaves(new Misbehaviour.Refuse());
                TestBackend alive = TestBackend.answering(Response.ok("alive"))) {
            hipache.host("a.example").connects(down, alive);

            Awaitility.await().until(() -> {
                assertThat(get("a.example").body()).isEqualTo("alive");
                return redis.exists("dead:a.example");
            });
            assertThat(redis.command("SMEMBERS", "dead:a.example")).isEqualTo(List.of("0"));
        }
    }

    @Test
    void aListWithAPortInItsNameIsNotAFrontend() {
        try (TestBackend one = TestBackend.named("one")) {
            redis.rpush("frontend:a.example:8080", "site", one.url());

            ReceivedResponse response = get("a.example:8080");

            assertThat(response.status()).isEqualTo(400);
        }
    }

    /** What it asks for every three seconds. */
    private static List<?> polled(String vhost) {
        return (List<?>) Objects.requireNonNull(redis.command("LRANGE", "frontend:" + vhost, "1", "-1"));
    }

    private static void unhealthy(String vhost, String entry) {
        redis.command("LREM", "frontend:" + vhost, "0", entry);
    }

    private static void recovered(String vhost, String entry) {
        redis.command("RPUSH", "frontend:" + vhost, entry);
    }

    private static ReceivedResponse get(String host) {
        try (RawClient client = hipache.client()) {
            return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n")
                    .readResponse();
        }
    }
}
