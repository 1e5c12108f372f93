package io.hipache.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who checks: one process of a fleet, and other checkers on the same Redis. */
class CheckerElectionTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @BeforeEach
    void emptyStore() {
        redis.flush();
    }

    @Test
    void oneOfTwoChecksAndTheOtherTakesOverWhenItEnds() {
        try (RunningChecks first = RunningChecks.on(redis)) {
            Object owner = redis.command("GET", "hipache:checker");
            try (RecordedLog log = RecordedLog.of(Checker.class);
                    RunningChecks second = RunningChecks.standingBy(redis, redis.url())) {
                String dead = announced(first);
                first.awaitMark("a.example", 0);
                assertThat(redis.command("GET", "hipache:checker")).isEqualTo(owner);

                first.end();

                log.await("this process checks the backends of the fleet");
                second.awaitElection();
                assertThat(redis.command("GET", "hipache:checker")).isNotEqualTo(owner);
                redis.del("dead:a.example");
                second.hear("a.example", dead + "/", 0, 2);
                second.awaitMark("a.example", 0);
            }
        }
    }

    @Test
    void takesOverFromOneThatHasDied() {
        redis.command("SET", "hipache:checker", "died:1:x", "PX", "300");

        try (RunningChecks checks = RunningChecks.on(redis)) {
            announced(checks);

            checks.awaitMark("a.example", 0);
        }
    }

    @Test
    void claimsNothingWhenItEnds() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            announced(checks);
            checks.awaitMark("a.example", 0);

            checks.end();

            assertThat(redis.exists("hchecker_ping")).isFalse();
            assertThat(redis.exists("hipache:checker")).isFalse();
            assertThat(redis.exists("hchecker")).isFalse();
        }
    }

    @Test
    void leavesTheSignOfLifeOfAnotherChecker() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String ping = Long.toString(Instant.now().getEpochSecond() + 1);
            redis.command("SET", "hchecker_ping", ping);

            checks.end();

            assertThat(redis.command("GET", "hchecker_ping")).isEqualTo(ping);
        }
    }

    @Test
    void marksNothingOnceAnotherProcessIsElected() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            redis.command("SET", "hipache:checker", "other:1:x", "PX", "60000");
            announced(checks);

            RunningChecks.until().until(() -> "0".equals(String.valueOf(redis.command("PUBLISH", "dead", "x"))));

            assertThat(redis.exists("dead:a.example")).isFalse();
            assertThat(redis.command("GET", "hipache:checker")).isEqualTo("other:1:x");
        }
    }

    @Test
    void aReloadTurnsChecksOffAndOn() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            checks.follow("false");
            RunningChecks.until().until(() -> !redis.exists("hipache:checker"));

            checks.follow("{'interval': 0.05, 'fall': 2}");

            checks.awaitElection();
            announced(checks);
            checks.awaitMark("a.example", 0);
        }
    }

    @Test
    void comesBackAfterRedisWasAway() {
        try (TestRedis other = TestRedis.start();
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.on(other)) {
            other.stop();
            log.await("active checks: Redis 127.0.0.1:" + other.port());
            other.restart();

            checks.awaitElection();
            String dead = DeadAddress.url();
            other.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");
            checks.hear("a.example", dead + "/", 0, 2);
            checks.awaitMark("a.example", 0);
        }
    }

    @Test
    void claimsNothingWhereItMayNotListen() {
        try (RecordedLog log = RecordedLog.of("io.hipache.checker")) {
            redis.command("ACL", "SETUSER", "deaf", "on", ">pw", "~*", "&*", "+@all", "-subscribe");
            String driver = "redis://deaf:pw@127.0.0.1:" + redis.port();
            try (RunningChecks checks = RunningChecks.standingBy(redis, driver)) {
                log.await("may not do this");

                assertThat(redis.exists("hchecker_ping")).isFalse();
                checks.follow("false");
            }
        }
    }

    @Test
    void needsOnlyTheRightsThatTheReadmeNames() {
        String rights =
                "on >pw ~frontend:* ~dead:* ~tls:* ~hchecker_ping ~hipache:checker ~hchecker ~healthcheck:* resetchannels"
                        + " &dead +ping +select +client +eval +evalsha +memory|usage +llen +lrange +lindex +scard +smismember"
                        + " +sismember +get +hmget +hstrlen +multi +exec +sadd +srem +expire +publish"
                        + " +set +del +hget +hset +hdel +type +ttl +subscribe";
        redis.command(("ACL SETUSER hipache " + rights).split(" ", -1));
        try (RunningChecks checks = RunningChecks.standingBy(redis, "redis://hipache:pw@127.0.0.1:" + redis.port())) {
            checks.awaitElection();
            announced(checks);
            checks.awaitMark("a.example", 0);

            checks.end();

            assertThat(redis.exists("hchecker_ping")).isFalse();
            assertThat(redis.exists("hchecker")).isFalse();
        }
    }

    @Test
    void leavesBackendsAloneThatALivingCheckerHas() {
        String dead = DeadAddress.url();
        redis.command("SET", "hchecker_ping", Long.toString(Instant.now().getEpochSecond()));
        redis.command("HSET", "hchecker", dead, "checker.example#4711;1.2", dead + ";checker.example#4711", "1");
        try (RunningChecks checks = RunningChecks.standingBy(redis, redis.url())) {
            RunningChecks.until().until(() -> "1".equals(String.valueOf(redis.command("PUBLISH", "dead", "x"))));
            redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");

            checks.hear("a.example", dead + "/", 0, 2);
            checks.awaitFollowed();

            assertThat(redis.exists("dead:a.example")).isFalse();
            assertThat(redis.command("HGET", "hchecker", dead)).isEqualTo("checker.example#4711;1.2");
        }
    }

    @Test
    void takesBackendsThatADeadCheckerHasLeftBehind() {
        String dead = DeadAddress.url();
        redis.command("HSET", "hchecker", dead, "checker.example#4711;1.2", dead + ";checker.example#4711", "1");
        try (RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");

            checks.hear("a.example", dead + "/", 0, 2);
            checks.awaitMark("a.example", 0);

            assertThat(redis.command("HGET", "hchecker", dead)).asString().matches("hipache@[^;]+#\\d+;\\d+\\.\\d+");
            assertThat(redis.command("HLEN", "hchecker")).isEqualTo(2L);
        }
    }

    @Test
    void survivesThatACheckerStartsAndDeletesAllLocks() {
        try (RunningChecks checks = RunningChecks.on(redis)) {
            String dead = announced(checks);
            checks.awaitMark("a.example", 0);

            redis.del("hchecker");

            RunningChecks.until().until(() -> Long.valueOf(1).equals(redis.command("HEXISTS", "hchecker", dead)));
            assertThat(checks.isMarked("a.example", 0)).isTrue();
        }
    }

    @Test
    void leavesBackendsAloneThatPlanbChecks() {
        String dead = DeadAddress.url();
        redis.command("SET", "dead:a.example:" + dead, "planb.example", "EX", "30");
        try (RunningChecks checks = RunningChecks.on(redis)) {
            redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");

            checks.hear("a.example", dead, 0, 2);
            checks.awaitFollowed();
            RunningChecks.until().until(() -> Long.valueOf(0).equals(redis.command("HEXISTS", "hchecker", dead)));

            assertThat(redis.exists("dead:a.example")).isFalse();
            assertThat(redis.command("GET", "dead:a.example:" + dead)).isEqualTo("planb.example");
        }
    }

    @Test
    void worksWithAPrefixAndADatabase() {
        try (RunningChecks checks = RunningChecks.standingBy(redis, redis.url() + "/3#p:")) {
            RunningChecks.until().until(() -> "1".equals(String.valueOf(redis.command("PUBLISH", "dead", "x"))));
            String dead = DeadAddress.url();
            try (var connection = redis.connect()) {
                connection.command("SELECT", "3");
                connection.command("RPUSH", "p:frontend:a.example", "id", dead, "http://127.0.0.1:2");

                checks.hear("a.example", dead + "/", 0, 2);

                RunningChecks.until()
                        .until(() -> Long.valueOf(1).equals(connection.command("EXISTS", "p:dead:a.example")));
                assertThat(connection.command("EXISTS", "p:hipache:checker", "p:hchecker", "hchecker_ping"))
                        .isEqualTo(3L);
            }
        }
    }

    @Test
    void readsListsFromTheFirstServerAndMarksOnTheLast() {
        try (TestRedis lists = TestRedis.start();
                RunningChecks checks = RunningChecks.standingBy(redis, lists.url(), redis.url())) {
            checks.awaitElection();
            String dead = DeadAddress.url();
            lists.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");

            checks.hear("a.example", dead + "/", 0, 2);

            checks.awaitMark("a.example", 0);
            assertThat(lists.exists("dead:a.example")).isFalse();
        }
    }

    private static String announced(RunningChecks checks) {
        String dead = DeadAddress.url();
        redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");
        checks.hear("a.example", dead + "/", 0, 2);
        return dead;
    }
}
