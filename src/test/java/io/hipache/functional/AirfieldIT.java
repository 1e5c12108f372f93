package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beside airfield, whose save is {@code DEL} and then one {@code RPUSH} after the other. */
class AirfieldIT {
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
    void everyStepOfASaveHasItsAnswerAndTheNextRequestGetsIt() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            hipache.host("a.example").connects(one, two);
            hipache.host("a.example").gets(200);

            redis.del("frontend:a.example");
            hipache.host("a.example").gets(400);
            redis.rpush("frontend:a.example", "site");
            hipache.host("a.example").gets(502);
            redis.rpush("frontend:a.example", one.url());
            hipache.host("a.example").gets(200);
            redis.rpush("frontend:a.example", two.url());
            hipache.host("a.example").gets(200);

            redis.del("frontend:a.example");
            hipache.host("a.example").gets(400);
        }
    }

    @Test
    void savesUnderTrafficCostAtWorstA400OrA502() throws InterruptedException {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two");
                RawClient client = hipache.client()) {
            save("a.example", one, two);
            Set<Integer> seen = ConcurrentHashMap.newKeySet();
            AtomicBoolean saving = new AtomicBoolean(true);
            CountDownLatch begun = new CountDownLatch(1);
            Thread traffic = new Thread(() -> {
                // one connection throughout: none of the answers ends it
                do {
                    seen.add(client.get("a.example", "/").readResponse().status());
                    begun.countDown();
                } while (saving.get());
                seen.add(-client.get("a.example", "/").readResponse().status());
            });
            traffic.start();
            begun.await();

            for (int i = 0; i < 50; i++) {
                save("a.example", one, two);
            }
            saving.set(false);
            traffic.join();

            assertThat(seen).contains(200, -200).isSubsetOf(200, 400, 502, -200);
        }
    }

    /** Its sessions and what it reads to show the frontends are none of ours either. */
    @Test
    void itsSessionsAreNoFrontends() {
        try (TestBackend one = TestBackend.named("one")) {
            hipache.host("a.example").connects(one);
            redis.command("SET", "sess:0815", "{}");

            assertThat(redis.command("KEYS", "frontend:*")).isEqualTo(List.of("frontend:a.example"));
            hipache.host("a.example").gets(200);
            hipache.host("sess").gets(400);
        }
    }

    private static void save(String host, TestBackend... backends) {
        redis.del("frontend:" + host);
        redis.rpush("frontend:" + host, "site");
        for (TestBackend backend : backends) {
            redis.rpush("frontend:" + host, backend.url());
        }
    }
}
