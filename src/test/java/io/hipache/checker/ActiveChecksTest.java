package io.hipache.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From an announcement to a mark and back, with a real Redis and real backends. */
class ActiveChecksTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @BeforeEach
    void emptyStore() {
        redis.flush();
    }

    @Test
    void marksADeadBackendAndRevivesIt() {
        try (TestBackend down = TestBackend.start().misbehaves(new Misbehaviour.Refuse());
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", down.url(), "http://127.0.0.1:2");

            checks.hear("a.example", down.url() + "/", 0, 2);
            checks.awaitMark("a.example", 0);
            assertThat((Long) redis.command("TTL", "dead:a.example")).isBetween(50L, 60L);
            log.await("a.example: backend #0 is dead (" + down.url() + ": checks fail: ECONNREFUSED)");

            down.answers(Response.ok());
            checks.awaitNoMark("a.example", 0);
            log.await("a.example: backend #0 (" + down.url() + ") answers its checks again");
            assertThat(log.linesWith("a.example")).hasSize(2);
            assertThat(checks.found())
                    .containsExactly("a.example " + down.url() + "/ dead", "a.example " + down.url() + "/ alive");
            assertThat(down.requests().get(0).head().toString())
                    .startsWith("HEAD /CloudHealthCheck HTTP/1.1")
                    .contains("Host: ping", "User-Agent: dotCloud-HealthCheck/", "Connection: close");
        }
    }

    @Test
    void repeatsTheMarkOfABackendThatStaysDead() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String dead = announced(checks, "a.example");
            checks.awaitMark("a.example", 0);

            redis.del("dead:a.example");

            checks.awaitMark("a.example", 0);
            assertThat(redis.command("HEXISTS", "hchecker", dead)).isEqualTo(1L);
        }
    }

    @Test
    void marksWhatWasAnnouncedOnlyWhereTheListHasIt() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String dead = DeadAddress.url();
            redis.rpush("frontend:a.example", "id", "http://127.0.0.1:2", dead);

            checks.hear("a.example", dead + "/", 0, 2);
            checks.awaitFollowed();

            assertThat(redis.exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void takesItsMarkAwayWhenTheListHasAnotherBackendThere() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            announced(checks, "a.example");
            checks.awaitMark("a.example", 0);

            redis.command("LSET", "frontend:a.example", "1", "http://127.0.0.1:3");

            checks.awaitNoMark("a.example", 0);
        }
    }

    @Test
    void leavesTheOnlyBackendOfAHostAlone() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            announced(checks, "a.example");
            checks.awaitMark("a.example", 0);

            redis.command("RPOP", "frontend:a.example");

            checks.awaitNoMark("a.example", 0);
        }
    }

    @Test
    void takesSoftMarksOfTheProxiesAway() {
        try (TestBackend alive = TestBackend.start();
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", "http://127.0.0.1:2", alive.url());
            redis.sadd("dead:a.example", "1");
            redis.sadd("dead:a.example;soft", "1");

            checks.hear("a.example", alive.url() + "/", 1, 2);

            checks.awaitNoMark("a.example", 1);
            RunningChecks.until().until(() -> !redis.exists("dead:a.example;soft"));
        }
    }

    @Test
    void neverShortensTheTimeOfOtherMarks() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            redis.sadd("dead:a.example", "7");
            redis.command("EXPIRE", "dead:a.example", "500");

            announced(checks, "a.example");

            checks.awaitMark("a.example", 0);
            assertThat((Long) redis.command("TTL", "dead:a.example")).isGreaterThan(400);
        }
    }

    @ParameterizedTest
    @CsvSource({"500, true", "502, true", "503, false", "404, false", "200, false"})
    void aServerErrorOtherThan503IsABadAnswer(int status, boolean dead) {
        try (TestBackend backend = TestBackend.answering(Response.status(status));
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");
            redis.sadd("dead:a.example", dead ? "9" : "0");

            checks.hear("a.example", backend.url() + "/", 0, 2);

            RunningChecks.until().until(() -> checks.isMarked("a.example", 0) == dead);
        }
    }

    @Test
    void asksWhatTsuruSays() {
        try (TestBackend backend = TestBackend.answering(Response.status(204));
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.command("HSET", "healthcheck:a.example", "path", "health?x=1", "status", "200", "body", "WORKING");
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");
            redis.sadd("dead:a.example", "9");

            checks.hear("a.example", backend.url() + "/", 0, 2);
            checks.awaitMark("a.example", 0);
            log.await("status 204, expected 200");
            assertThat(backend.requests().get(0).head().toString())
                    .startsWith("GET /health?x=1 HTTP/1.1")
                    .contains("Host: a.example");

            backend.answers(Response.ok("not yet"));
            RunningChecks.until().until(() -> backend.requests().size() > 4);
            assertThat(checks.isMarked("a.example", 0)).isTrue();

            backend.answers(Response.status(200).chunked("it is WOR", "KING"));
            checks.awaitNoMark("a.example", 0);
        }
    }

    @Test
    void obeysAChangedQuestion() {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"));
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");
            redis.command("HSET", "healthcheck:a.example", "body", "bye");
            checks.hear("a.example", backend.url() + "/", 0, 2);
            checks.awaitMark("a.example", 0);

            redis.command("HSET", "healthcheck:a.example", "body", "hell");

            checks.awaitNoMark("a.example", 0);
        }
    }

    @Test
    void withAHealthCheckA503IsABadAnswer() {
        try (TestBackend backend = TestBackend.answering(Response.status(503));
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.command("HSET", "healthcheck:a.example", "path", "/", "status", "0", "body", "");
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");

            checks.hear("a.example", backend.url() + "/", 0, 2);

            checks.awaitMark("a.example", 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"www.a.example, www.a.example", "*.a.example, BACKEND"})
    void checksTheBackendsOfWildcards(String announcedHost, String askedHost) {
        try (TestBackend backend = TestBackend.answering(Response.status(500));
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:*.a.example", "id", backend.url(), "http://127.0.0.1:2");
            redis.command("HSET", "healthcheck:*.a.example", "path", "/health");

            checks.hear(announcedHost, backend.url() + "/", 0, 2);

            checks.awaitMark(announcedHost, 0);
            assertThat(backend.requests().get(0).header("Host"))
                    .isEqualTo(askedHost.replace("BACKEND", backend.authority()));
        }
    }

    @Test
    void oneCheckServesAllHostsOfABackend() {
        try (RunningChecks checks = RunningChecks.on(redis);
                TestBackend backend = TestBackend.answering(Response.status(500))) {
            for (String host : List.of("a.example", "b.example")) {
                redis.rpush("frontend:" + host, "id", backend.url(), "http://127.0.0.1:2");
                checks.hear(host, backend.url() + "/", 0, 2);
                checks.awaitMark(host, 0);
            }

            backend.answers(Response.ok());

            checks.awaitNoMark("a.example", 0);
            checks.awaitNoMark("b.example", 0);
        }
    }

    @Test
    void readsEntriesAsTheProxiesDo() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String address = "127.0.0.1:" + DeadAddress.port();
            redis.rpush("frontend:a.example", "id", "no URL", " HTTP://user:secret@" + address + "/path ");

            checks.hear("a.example", "http://" + address + "/path", 1, 2);

            checks.awaitMark("a.example", 1);
        }
    }

    @Test
    void checksOverTls() {
        try (TestBackend backend = TestBackend.overTls(Response.ok());
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");
            redis.sadd("dead:a.example", "0");

            checks.hear("a.example", backend.url() + "/", 0, 2);

            checks.awaitNoMark("a.example", 0);
        }
    }

    @Test
    void aBackendThatSaysNothingHasATimeLimit() {
        try (TestBackend backend = TestBackend.start().misbehaves(new Misbehaviour.Stall());
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.on(redis, "'timeout': 0.3")) {
            redis.rpush("frontend:a.example", "id", backend.url(), "http://127.0.0.1:2");

            checks.hear("a.example", backend.url() + "/", 0, 2);

            checks.awaitMark("a.example", 0);
            log.await("checks fail: no answer within 0.3 s");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";;;",
                "a.example",
                "a.example;DEAD/;0",
                "a.example;DEAD/;0;2;3",
                "a.example;DEAD/;-1;2",
                "a.example;DEAD/;99999999999;2",
                "a.example;DEAD/;0;1",
                "a.example;no URL;0;2",
                "a b;DEAD/;0;2",
                "a.example:80;DEAD/;0;2",
                "b.example;DEAD/;0;2",
                "wrong.type;DEAD/;0;2"
            })
    void ignoresWhatIsNoUsefulAnnouncement(String message) {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String dead = DeadAddress.url();
            redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");
            redis.command("SET", "frontend:wrong.type", "text");

            redis.command("PUBLISH", "dead", message.replace("DEAD", dead));
            checks.awaitFollowed();

            assertThat(redis.command("HEXISTS", "hchecker", dead)).isEqualTo(0L);
        }
    }

    @Test
    void aDeadSetOfTheWrongTypeHoldsUpNothing() {
        try (RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.on(redis)) {
            redis.command("SET", "dead:a.example", "text");

            announced(checks, "a.example");

            log.await("cannot be marked");
            checks.awaitFollowed();
            assertThat(redis.command("GET", "dead:a.example")).isEqualTo("text");
        }
    }

    /** A frontend whose first backend is dead, and an announcement of that. */
    private static String announced(RunningChecks checks, String host) {
        String dead = DeadAddress.url();
        redis.rpush("frontend:" + host, "id", dead, "http://127.0.0.1:2");
        checks.hear(host, dead + "/", 0, 2);
        return dead;
    }
}
