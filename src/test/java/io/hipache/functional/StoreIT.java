package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.RespConnection;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Where the store is, as {@code driver} says it. */
class StoreIT {

    @Test
    void thePasswordOfAUrlIsPercentDecoded() {
        TestRedis redis = TestRedis.start("p@ss:w/ord#%");
        String url = "redis://:p%40ss%3Aw%2Ford%23%25@127.0.0.1:" + redis.port();
        try (TestHipache hipache = TestHipache.configured(redis, server("'" + url + "'"))) {
            hipache.backendOf("a.example", Response.ok("hello"));

            assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
        }
    }

    @Test
    void aPrefixStandsBeforeEveryKeyButNotBeforeTheChannel() throws Exception {
        try (TestHipache hipache = TestHipache.configured(server("'REDIS#pre:'"));
                TestBackend alive = TestBackend.answering(Response.ok("alive"));
                Announcements announcements = Announcements.listen(hipache.redis())) {
            String dead = DeadAddress.url();
            hipache.redis().rpush("pre:frontend:a.example", "site", alive.url(), dead);
            hipache.redis().rpush("frontend:b.example", "other", alive.url());

            Awaitility.await().until(() -> {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("alive");
                return hipache.redis().exists("pre:dead:a.example");
            });

            assertThat(announcements.next()).isEqualTo("a.example;" + dead + "/;1;2");
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
            hipache.host("b.example").gets(400);
        }
    }

    @Test
    void theDatabaseOfAUrlIsTheOneThatIsAsked() {
        try (TestHipache hipache = TestHipache.configured(server("'REDIS/3'"));
                TestBackend backend = TestBackend.start();
                RespConnection third = hipache.redis().connect()) {
            third.command("SELECT", "3");
            third.command("RPUSH", "frontend:a.example", "site", backend.url(), DeadAddress.url());
            hipache.host("b.example").connects(backend);

            Awaitility.await().until(() -> {
                hipache.host("a.example").gets(200);
                return Long.valueOf(1).equals(third.command("EXISTS", "dead:a.example"));
            });

            hipache.host("b.example").gets(400);
        }
    }

    @Test
    void readsFromTheFirstOfTwoAndWritesToTheLast() throws Exception {
        try (TestRedis master = TestRedis.start();
                TestHipache hipache = TestHipache.configured(server("['REDIS#pre:', '" + master.url() + "']"));
                TestBackend alive = TestBackend.start();
                Announcements announcements = Announcements.listen(master)) {
            String dead = DeadAddress.url();
            hipache.redis().rpush("pre:frontend:a.example", "site", alive.url(), dead);

            Awaitility.await().until(() -> {
                hipache.host("a.example").gets(200);
                return master.exists("pre:dead:a.example");
            });

            assertThat(announcements.next()).isEqualTo("a.example;" + dead + "/;1;2");
            assertThat(hipache.redis().exists("pre:dead:a.example")).isFalse();
        }
    }

    @Test
    void aStoreThatStopsAnsweringIsA503InTimeAndIsFoundAgain() {
        try (TestHipache hipache = TestHipache.start()) {
            hipache.backendOf("a.example", Response.ok("hello"));
            hipache.redis().pause();
            try (RawClient client = hipache.client()) {
                client.get("a.example", "/").get("__ping__", "/");

                ReceivedResponse away = client.readResponse();
                assertThat(away.status()).isEqualTo(503);
                assertThat(away.header("retry-after")).isEqualTo("1");
                assertThat(client.readResponse().status()).isEqualTo(200);
            } finally {
                hipache.redis().resume();
            }

            Awaitility.await().until(() -> {
                try (RawClient client = hipache.client()) {
                    return client.get("a.example", "/").readResponse().status() == 200;
                }
            });
        }
    }

    @Test
    void aConnectionThatIsCutCostsNoRequest() {
        try (TestHipache hipache = TestHipache.start();
                RawClient client = hipache.client()) {
            hipache.backendOf("a.example", Response.ok("hello"));

            for (int i = 0; i < 50; i++) {
                hipache.redis().command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

                assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aRequestWaitsForAStoreThatIsBackInTime() {
        try (TestHipache hipache = TestHipache.start();
                RawClient client = hipache.client()) {
            hipache.backendOf("a.example", Response.ok("hello"));
            hipache.redis().pause();
            client.get("a.example", "/");

            hipache.redis().resume();

            assertThat(client.readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void isReadyWhileTheStoreAnswers() {
        try (TestHipache hipache = TestHipache.start()) {
            assertThat(hipache.host("__ready__").gets(200).body()).isEqualTo("ok");
            hipache.redis().stop();

            Awaitility.await().until(() -> {
                try (RawClient client = hipache.client()) {
                    client.get("__ready__", "/any").get("__ping__", "/");
                    ReceivedResponse ready = client.readResponse();
                    assertThat(client.readResponse().status()).isEqualTo(200);
                    return ready.status() == 503
                            && ready.body().equals("store_away")
                            && "1".equals(ready.header("retry-after"));
                }
            });
            hipache.redis().restart();
            Awaitility.await().until(() -> {
                try (RawClient client = hipache.client()) {
                    return client.get("__ready__", "/").readResponse().status() == 200;
                }
            });
        }
    }

    private static String server(String driver) {
        return "{'server': {'address': '127.0.0.1', 'port': 1}, 'driver': " + driver + "}";
    }
}
