package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beside planb on the same Redis: its keys are in nobody's way, and its marks count. */
class PlanbIT {
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
    void locksHealthChecksAndCertificatesAreInNobodysWay() {
        try (TestBackend alive = TestBackend.named("alive")) {
            String dead = DeadAddress.url();
            hipache.host("a.example").lists(dead, alive.url());
            redis.command("SET", "dead:a.example:" + dead, "planb.example", "EX", "30");
            redis.command("HSET", "healthcheck:a.example", "path", "/health", "status", "200", "body", "OK");
            redis.command("HSET", "tls:a.example", "certificate", "half a pair");
            redis.command("HSET", "tls:*.example", "certificate", "PEM", "key", "PEM");

            Awaitility.await().until(() -> {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("alive");
                return redis.exists("dead:a.example");
            });

            assertThat(redis.command("SMEMBERS", "dead:a.example")).isEqualTo(List.of("0"));
            assertThat(redis.command("GET", "dead:a.example:" + dead)).isEqualTo("planb.example");
            assertThat(redis.command("HLEN", "healthcheck:a.example")).isEqualTo(3L);
            assertThat(redis.command("HLEN", "tls:a.example")).isEqualTo(1L);
        }
    }

    @Test
    void obeysItsMarksAlsoThoseOfAnOnlyBackend() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one, two);
            hipache.host("only.example").connects(one);

            marks("a.example", one.url(), 0, 2);
            marks("only.example", one.url(), 0, 1);

            for (int i = 0; i < 8; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("two");
            }
            hipache.host("only.example").gets(502);

            // what its monitor does when the backend answers
            redis.command("SREM", "dead:only.example", "0");
            hipache.host("only.example").gets(200);
        }
    }

    @Test
    void thePathOfAnEntryDoesNotChangeTheTarget() {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            hipache.host("a.example").lists(backend.url() + "/app?query");

            hipache.host("a.example").gets(200);

            assertThat(backend.awaitRequest().target()).isEqualTo("/");
        }
    }

    /** One round of its {@code MarkDead}, in its order and without MULTI. */
    private static void marks(String host, String entry, int index, int backends) {
        redis.sadd("dead:" + host, Integer.toString(index));
        redis.command("EXPIRE", "dead:" + host, "30");
        redis.command("PUBLISH", "dead", host + ";" + entry + ";" + index + ";" + backends);
    }
}
