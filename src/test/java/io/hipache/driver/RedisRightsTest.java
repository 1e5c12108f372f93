package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers to look-ups and marks when passwords and rights change while the connection is open. */
class RedisRightsTest {

    private static final DeadBackend DEAD = Deaths.hard("foo.bar", 0, "http://a:80", 2);
    private static final HostLookup LOOKUP = new HostLookup("foo.bar", List.of("foo.bar", "*"));
    private static final Rows ROWS = new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of());

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final TestRedis redis = TestRedis.start("s3cret");
    private final CompletableFuture<RedisDriver> opened = new CompletableFuture<>();
    private final CompletableFuture<CompletionStage<String>> problem = new CompletableFuture<>();

    @BeforeEach
    void register() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.command("ACL", "SETUSER", "proxy", "on", ">pr0xy", "~*", "&*", "+@all");
    }

    @AfterEach
    void end() {
        log.close();
        redis.close();
    }

    @Test
    void goesOnWithANewPasswordUntilItHasToConnectAgain() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            changePassword("pr0xy", "ch4nged");
            List<Answer> live = driver.readTogether(Collections.nCopies(100, LOOKUP));
            disconnect();
            log.await("refuses the password");
            List<Answer> refused = driver.readTogether(Collections.nCopies(100, LOOKUP));
            changePassword("ch4nged", "pr0xy");
            driver.awaitAnswer();

            assertThat(live).extracting(Answer::rows).containsOnly(ROWS);
            assertThat(refused).extracting(Answer::unavailable).containsOnly("Redis is not connected");
            assertThat(log.lines()).hasSize(4);
            assertThat(log.lines().get(0)).endsWith(": connected");
            assertThat(log.lines().get(1)).endsWith(": connection lost");
            assertThat(log.lines().get(2))
                    .contains(": refuses the password: WRONGPASS")
                    .doesNotContain("pr0xy");
            assertThat(log.lines().get(3)).endsWith(": connected");
        }
    }

    @Test
    void saysOnceThatItMayNotLookUpAnyMoreAndOnceThatItMayAgain() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "-lrange");
            await().until(() -> driver.read("foo.bar").unavailable() != null);
            List<Answer> refused = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.command("ACL", "SETUSER", "proxy", "+lrange");
            await().until(() -> {
                driver.read("foo.bar");
                return !log.linesWith("answers look-ups again").isEmpty();
            });

            assertThat(refused).extracting(Answer::rows).containsOnlyNulls();
            assertThat(driver.rows("foo.bar")).isEqualTo(ROWS);
            assertThat(log.linesWith("cannot answer look-ups")).hasSize(1);
        }
    }

    @Test
    void theLookUpOfNobodyTriesWhatHostsWithBackendsNeed() {
        redis.command("ACL", "SETUSER", "proxy", "-smembers", "-pttl");
        CopySettings copy = new CopySettings(false, Duration.ofMinutes(5), Duration.ZERO, 8 << 20);
        List<HostLookup> nobody = List.of(HostLookup.ofNobody("ready"));
        try (DriverOnLoop driver = open(copy)) {
            Answer unready = driver.readTogether(nobody).get(0);
            String reason = problem.thenCompose(trial -> trial).join();
            Answer known = driver.readTogether(List.of(LOOKUP)).get(0);
            Answer stillUnready = driver.readTogether(nobody).get(0);
            redis.command("ACL", "SETUSER", "proxy", "+smembers");
            Answer ready = driver.readTogether(nobody).get(0);

            assertThat(unready.unavailable()).contains("NOPERM").contains("smembers");
            assertThat(reason).contains("cannot answer look-ups").contains("smembers");
            assertThat(known.rows()).isNull();
            assertThat(stillUnready.rows()).isNull();
            assertThat(log.linesWith("refuses scripts or a command").get(0)).contains("PTTL");
            assertThat(ready.rows()).isNotNull();
            assertThat(driver.rows("foo.bar")).isEqualTo(ROWS);
        }
    }

    @Test
    void saysWhichRightIsMissingForTransactionsWhereScriptsAreRefused() {
        redis.command("ACL", "SETUSER", "proxy", "-@scripting", "-multi");
        try (DriverOnLoop driver = open()) {
            Answer answer = driver.readTogether(List.of(LOOKUP)).get(0);

            assertThat(answer.unavailable()).contains("NOPERM").contains("multi");
        }
    }

    @Test
    void staysUnusableUntilALookUpHasUsedTheRightThatWasMissing() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            RedisDriver redisDriver = opened.join();
            redis.command("ACL", "SETUSER", "proxy", "-lrange");
            await().until(() -> driver.read("foo.bar").unavailable() != null);
            driver.read("unknown.bar");
            boolean usable = redisDriver.isUsable();
            redis.command("ACL", "SETUSER", "proxy", "+lrange");
            driver.rows("foo.bar");

            assertThat(usable).isFalse();
            assertThat(redisDriver.isUsable()).isTrue();
        }
    }

    @Test
    void looksUpWhereItMayNotMarkAndSaysSoOnce() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "resetchannels");
            for (int i = 0; i < 20; i++) {
                driver.markDead(DEAD);
            }
            log.await("cannot be marked");
            List<Answer> answers = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.command("ACL", "SETUSER", "proxy", "&dead");
            await().until(() -> {
                driver.markDead(DEAD);
                return !log.linesWith("marked again").isEmpty();
            });

            assertThat(answers).extracting(Answer::rows).containsOnly(ROWS);
            assertThat(driver.rows("foo.bar").dead()).containsExactly(0);
            assertThat(log.linesWith("cannot be marked")).hasSize(1);
            assertThat(log.linesWith("cannot be marked").get(0)).contains("NOPERM");
        }
    }

    @Test
    void marksInTwoStepsWithoutTheRightsOfItsScriptAndSaysSoOnce() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "-@scripting");

            Marking marked = driver.marking(DEAD);
            Marking soft = driver.marking(Deaths.soft("foo.bar", 1, "http://b:80", 2));

            assertThat(marked).isEqualTo(Marking.MARKED);
            assertThat(soft).isEqualTo(Marking.UNCOUNTED);
            assertThat(driver.rows("foo.bar").dead()).containsExactly(0);
            assertThat(log.linesWith("refuses the script that marks dead backends"))
                    .hasSize(1);
        }
    }

    @Test
    void namesThePageWithTheRightsAsAnInstalledProgramHasIt(@TempDir Path prefix) throws Exception {
        Files.createDirectories(prefix.resolve("share/doc/hipache/docs"));
        System.setProperty("hipache.home", prefix.resolve("lib/hipache").toString());
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "-@scripting");

            driver.rows("foo.bar");
            driver.marking(DEAD);

            String rights = prefix + "/share/doc/hipache/docs/configuration.md#rights-of-the-redis-user lists";
            assertThat(log.linesWith(rights)).hasSize(2);
        } finally {
            System.clearProperty("hipache.home");
        }
    }

    @Test
    void marksAsBeforeWithTheRightsThatWereEnoughBeforeSoftMarksWereLifted() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "-srem");

            Marking soft = driver.marking(Deaths.soft("foo.bar", 1, "http://b:80", 2));
            Marking hard = driver.marking(DEAD);

            assertThat(soft).isEqualTo(Marking.MARKED);
            assertThat(hard).isEqualTo(Marking.MARKED);
            assertThat(driver.rows("foo.bar").dead()).containsExactlyInAnyOrder(0, 1);
        }
    }

    @Test
    void marksHardFailuresAlsoWithTheRightsThatWereEnoughBeforeThereWasACap() {
        try (DriverOnLoop driver = open()) {
            driver.awaitAnswer();
            redis.command("ACL", "SETUSER", "proxy", "-lindex", "-llen", "-sismember", "-scard");

            Marking hard = driver.marking(DEAD);
            Marking soft = driver.marking(Deaths.soft("foo.bar", 1, "http://b:80", 2));

            assertThat(hard).isEqualTo(Marking.MARKED);
            assertThat(soft).isEqualTo(Marking.UNCOUNTED);
            assertThat(driver.rows("foo.bar").dead()).containsExactly(0);
        }
    }

    private void changePassword(String from, String to) {
        redis.command("ACL", "SETUSER", "proxy", "<" + from, ">" + to);
    }

    private void disconnect() {
        redis.command("CLIENT", "KILL", "USER", "proxy");
    }

    private DriverOnLoop open() {
        return open(CopySettings.OFF);
    }

    private DriverOnLoop open(CopySettings copy) {
        RedisEndpoint endpoint = new RedisEndpoint(new Tcp(redis.host(), redis.port(), null), "proxy", "pr0xy", 0, "");
        RedisSettings settings = DriverOnLoop.settings(endpoint, RedisSettings.COMMAND_TIMEOUT, copy);
        return new DriverOnLoop(loop -> {
            RedisDriver driver = new RedisDriver(loop, settings, DriverOnLoop.CHECKER_POLL);
            problem.complete(driver.trial());
            opened.complete(driver);
            return driver;
        });
    }
}
