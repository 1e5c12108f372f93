package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.functional.ScriptedChecker.Check;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside hipache-hchecker: who marks whom, and what either of them tells the other. */
class ActiveCheckerIT {
    // one for each test: a driver that loses its connection again and again comes back more and more slowly
    @SuppressWarnings("NullAway.Init")
    private TestHipache hipache;

    @SuppressWarnings("NullAway.Init")
    private TestRedis redis;

    @SuppressWarnings("NullAway.Init")
    private ScriptedChecker checker;

    @BeforeEach
    void start() {
        hipache = TestHipache.with("'deadBackendTTL': 77");
        redis = hipache.redis();
        checker = ScriptedChecker.start(redis);
    }

    @AfterEach
    void stop() {
        checker.close();
        hipache.close();
    }

    @Test
    void theCheckerTakesADeadBackendOutAndBringsItBack() throws IOException {
        try (TestBackend down = TestBackend.start().misbehaves(new Misbehaviour.Refuse());
                TestBackend alive = TestBackend.named("alive")) {
            hipache.host("a.example").connects(down, alive);
            askForThePing();

            Check check = announcedDeathOf("a.example");
            assertThat(check).isEqualTo(new Check("a.example", down.url(), 0, 2));
            assertThat(redis.exists("dead:a.example")).isFalse();

            assertThat(checker.locks(check)).isTrue();
            assertThat(checker.locks(check)).as("locked already").isFalse();
            assertThat(checker.marksDead(check)).isTrue();
            down.answers(Response.ok("back"));
            for (int i = 0; i < 16; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("alive");
            }

            assertThat(checker.marksAlive(check)).isTrue();
            checker.unlocks(check);
            Awaitility.await().until(() -> hipache.host("a.example").gets(200).body(), "back"::equals);
            assertThat(redis.exists("hchecker")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "20, false", "-3600, false", "40, true", "86400, true"})
    void marksOnlyWhenTheLastPingIsOlderThanThirtySeconds(long secondsAgo, boolean marked) throws IOException {
        hipache.host("a.example").lists(DeadAddress.url(), DeadAddress.url());
        checker.pings(secondsAgo);
        askForThePing();

        hipache.host("a.example").gets(502);

        checker.hears();
        assertThat(redis.exists("dead:a.example")).isEqualTo(marked);
    }

    @Test
    void marksForItsOwnTimeWhenThereWasNeverAPing() throws IOException {
        hipache.host("a.example").lists(DeadAddress.url(), DeadAddress.url());
        redis.del("hchecker_ping");
        askForThePing();

        hipache.host("a.example").gets(502);

        checker.hears();
        assertThat((Long) redis.command("TTL", "dead:a.example")).isBetween(70L, 77L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPingThatCannotBeReadChangesNothing(boolean alive) throws IOException {
        hipache.host("a.example").lists(DeadAddress.url(), DeadAddress.url());
        checker.pings(alive ? 0 : 40);
        askForThePing();
        redis.del("hchecker_ping");
        redis.rpush("hchecker_ping", "GET fails on a list");
        askForThePing();

        hipache.host("a.example").gets(502);

        checker.hears();
        assertThat(redis.exists("dead:a.example")).isEqualTo(!alive);
    }

    @Test
    void a500IsADeathWhileTheCheckerLives() throws IOException {
        try (TestBackend failing = TestBackend.answering(Response.status(500))) {
            hipache.host("a.example").connects(failing, failing);
            askForThePing();

            hipache.host("a.example").gets(500);

            assertThat(checker.hears().url()).isEqualTo(failing.url());
        }
    }

    @Test
    void a500IsNoDeathWithoutAChecker() throws IOException {
        try (TestBackend failing = TestBackend.answering(Response.status(500));
                TestBackend worse = TestBackend.answering(Response.status(502))) {
            hipache.host("a.example").connects(failing, failing);
            hipache.host("b.example").connects(worse, worse);
            checker.pings(40);
            askForThePing();

            hipache.host("a.example").gets(500);
            hipache.host("b.example").gets(502);

            // announcements come in order, so nothing was announced of the first
            assertThat(checker.hears().frontend()).isEqualTo("b.example");
            assertThat(redis.exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void a500IsNoDeathWhereTheConfigurationSaysSo() throws IOException {
        try (TestHipache lenient = TestHipache.with("'deadBackendOn500': false");
                TestBackend failing = TestBackend.answering(Response.status(500));
                TestBackend worse = TestBackend.answering(Response.status(502));
                ScriptedChecker other = ScriptedChecker.start(lenient.redis())) {
            lenient.host("a.example").connects(failing, failing);
            lenient.host("b.example").connects(worse, worse);
            askForThePing(lenient);

            lenient.host("a.example").gets(500);
            lenient.host("b.example").gets(502);

            assertThat(other.hears().frontend()).isEqualTo("b.example");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:PORT, http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT/, http://127.0.0.1:PORT/",
        "' HTTP://127.0.0.1:PORT ', http://127.0.0.1:PORT/",
        "http://LOCALHOST:PORT, http://localhost:PORT/",
        "http://127.0.0.1:PORT/app?q=1, http://127.0.0.1:PORT/app?q=1",
        "http://user:secret@127.0.0.1:PORT, http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT/a;b, http://127.0.0.1:PORT/a%3Bb",
        "https://127.0.0.1:PORT, https://127.0.0.1:PORT/",
        "http://[::1]:PORT, http://[::1]:PORT/"
    })
    void announcesTheUrlAsNodePrintsIt(String entry, String href) throws IOException {
        String port = Integer.toString(DeadAddress.port());
        String url = entry.replace("PORT", port);
        hipache.host("a.example").lists(url, url);
        redis.sadd("dead:a.example", "1");

        try (Announcements announcements = Announcements.listen(redis)) {
            hipache.host("a.example:8080").gets(502);

            assertThat(announcements.next()).isEqualTo("a.example;" + href.replace("PORT", port) + ";0;2");
        }
    }

    /** As beside Hipache: such a checker looks for the announced host's own list, and for the URL without a path. */
    @ParameterizedTest
    @CsvSource({"*.example, wild.example, ''", "path.example, path.example, /path"})
    void whatTheCheckerCannotMarkIsTriedAgainAndRetried(String frontend, String host, String path) throws IOException {
        String dead = DeadAddress.url();
        try (TestBackend alive = TestBackend.named("alive")) {
            hipache.host(frontend).lists(dead + path, alive.url());
            askForThePing();

            Check check = announcedDeathOf(host);

            assertThat(check).isEqualTo(new Check(host, dead, 0, 2));
            assertThat(checker.locks(check)).isTrue();
            assertThat(checker.marksDead(check)).isFalse();
            for (int i = 0; i < 16; i++) {
                assertThat(hipache.host(host).gets(200).body()).isEqualTo("alive");
            }
        }
    }

    /** Lets a request find the first of two backends only, by marking the second one meanwhile. */
    private Check announcedDeathOf(String host) throws IOException {
        redis.sadd("dead:" + host, "1");
        hipache.host(host).gets(502);
        redis.del("dead:" + host);
        return checker.hears();
    }

    private static void askForThePing(TestHipache program) {
        program.redis().command("CONFIG", "RESETSTAT");
        program.redis().command("CLIENT", "KILL", "TYPE", "normal");
        Awaitility.await().until(() -> program.redis().info("commandstats").contains("cmdstat_get:calls="));
        // the answer to a look-up on the same connection comes after the ping's
        Awaitility.await().until(() -> {
            try (RawClient client = program.client()) {
                return client.get("store.probe", "/").readResponse().status() == 400;
            }
        });
    }

    /** The driver asks every ten seconds, and on every new connection: that is how a test gets it to ask at once. */
    private void askForThePing() {
        askForThePing(hipache);
    }
}
