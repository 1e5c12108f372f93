package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists as tsuru's routers write them, with what they leave behind on the way. */
class TsuruIT {
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
    void aNewNameIsServedAtEveryMomentOfItsDuplicates() {
        try (TestBackend one = TestBackend.named("one");
                TestBackend two = TestBackend.named("two")) {
            redis.rpush("frontend:cname.example", "app");
            redis.rpush("cname:app", "cname.example");

            redis.rpush("frontend:cname.example", one.url(), two.url());
            assertThat(answersOf("cname.example")).containsExactlyInAnyOrder("one", "two");

            // set again: pushes all, then takes each old one away
            redis.rpush("frontend:cname.example", one.url(), two.url());
            assertThat(answersOf("cname.example")).containsExactlyInAnyOrder("one", "two");
            redis.command("LREM", "frontend:cname.example", "1", one.url());
            assertThat(answersOf("cname.example")).containsExactlyInAnyOrder("one", "two");
            redis.command("LREM", "frontend:cname.example", "1", two.url());
            assertThat(answersOf("cname.example")).containsExactlyInAnyOrder("one", "two");
        }
    }

    @Test
    void theLastUnitThatGoesLeavesNoValidBackend() {
        try (TestBackend one = TestBackend.named("one")) {
            redis.rpush("frontend:app.example", "app");
            assertThat(errorOf("app.example")).isEqualTo("Cannot find a valid backend");

            redis.rpush("frontend:app.example", one.url());
            hipache.host("app.example").gets(200);

            redis.command("LREM", "frontend:app.example", "0", one.url());
            assertThat(errorOf("app.example")).isEqualTo("Cannot find a valid backend");
        }
    }

    @Test
    void anIdentifierThatWasPushedTwiceIsSkipped() {
        try (TestBackend one = TestBackend.named("one")) {
            redis.rpush("frontend:app.example", "app", "app", one.url());

            for (int i = 0; i < 16; i++) {
                ReceivedResponse response = get("app.example");
                assertThat(response.body()).isEqualTo("one");
                assertThat(response.header("x-debug-vhost")).isEqualTo("app");
                assertThat(response.header("x-debug-backend-id")).isEqualTo("1");
            }
        }
    }

    @Test
    void whatIsNoUrlIsSkippedWithoutRenumberingTheOthers() throws IOException {
        try (TestBackend alive = TestBackend.named("alive");
                Announcements announcements = Announcements.listen(redis)) {
            String dead = DeadAddress.url();
            redis.rpush("frontend:app.example", "something", "something", "10.0.0.1:8080", dead, "", alive.url());

            Awaitility.await().until(() -> {
                assertThat(get("app.example").body()).isEqualTo("alive");
                return redis.exists("dead:app.example");
            });

            assertThat(announcements.next()).isEqualTo("app.example;" + dead + "/;2;5");
            assertThat(get("app.example").header("x-debug-backend-id")).isEqualTo("4");
        }
    }

    /** Each of two is missed with a probability of 2^-64. */
    private static Set<String> answersOf(String host) {
        Set<String> answers = new HashSet<>();
        try (RawClient client = hipache.client()) {
            for (int i = 0; i < 64 && answers.size() < 2; i++) {
                answers.add(client.get(host, "/").readResponse().body());
            }
        }
        return answers;
    }

    private static String errorOf(String host) {
        ReceivedResponse response = get(host);
        assertThat(response.status()).isEqualTo(502);
        return String.valueOf(response.header("x-debug-error"));
    }

    private static ReceivedResponse get(String host) {
        try (RawClient client = hipache.client()) {
            return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n")
                    .readResponse();
        }
    }
}
