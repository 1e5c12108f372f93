package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers to look-ups and marks when a server changes its state. The log has one line for each change. */
class RedisStateTest {

    private static final DeadBackend DEAD = Deaths.hard("foo.bar", 1, "http://b:80", 2);
    private static final HostLookup LOOKUP = new HostLookup("foo.bar", List.of("foo.bar", "*"));

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final TestRedis redis = TestRedis.start();

    @BeforeEach
    void register() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
    }

    @AfterEach
    void end() {
        log.close();
        redis.close();
    }

    @Test
    void restarted() {
        try (DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            redis.stop();
            log.await("cannot connect");
            List<Answer> away = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.restart();
            driver.awaitAnswer();

            assertThat(away).extracting(Answer::unavailable).containsOnly("Redis is not connected");
            assertThat(driver.rows("foo.bar").name()).isNull();
            assertThat(log.lines()).hasSize(4);
            assertThat(log.lines().get(0)).endsWith(": connected");
            assertThat(log.lines().get(1)).endsWith(": connection lost");
            assertThat(log.lines().get(2)).contains(": cannot connect: ");
            assertThat(log.lines().get(3)).endsWith(": connected");
        }
    }

    @Test
    void partOfACluster(@TempDir Path folder) {
        try (TestRedis node = TestRedis.onThisMachine(
                null,
                "--cluster-enabled",
                "yes",
                "--cluster-config-file",
                folder.resolve("nodes.conf").toString())) {
            node.command(Stream.concat(
                            Stream.of("CLUSTER", "ADDSLOTS"),
                            IntStream.range(0, 16_384).mapToObj(Integer::toString))
                    .toArray(String[]::new));
            RedisEndpoint endpoint = new RedisEndpoint(node.host(), node.port(), null, 0, "");
            RedisSettings settings =
                    new RedisSettings(endpoint, endpoint, Duration.ofSeconds(2), Duration.ofSeconds(30), 50);
            try (DriverOnLoop driver = new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}))) {
                assertThat(driver.read("foo.bar", "*").rows()).isNull();
                log.await("it is a Redis Cluster, which cannot be used");
            }
        }
    }

    @Test
    void pausedAndResumed() {
        try (DriverOnLoop driver = open(Duration.ofMillis(500))) {
            redis.pause();
            List<Answer> paused = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.resume();
            await().until(() -> {
                driver.read("foo.bar");
                return !log.linesWith("answers look-ups again").isEmpty();
            });

            assertThat(paused).extracting(Answer::unavailable).containsOnly("Redis did not answer in time");
            assertThat(log.lines().subList(1, log.lines().size()))
                    .containsExactly("Redis cannot answer look-ups: no answer in time", "Redis answers look-ups again");
        }
    }

    @Test
    void emptied() {
        try (DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");

            redis.flush();
            redis.command("SCRIPT", "FLUSH");

            assertThat(driver.rows("foo.bar", "*")).isEqualTo(new Rows(null, List.of(), Set.of()));
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    void turnedIntoAReadOnlyReplicaAndBack() {
        try (TestRedis master = TestRedis.onThisMachine(null);
                DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            master.rpush("frontend:foo.bar", "site of the master", "http://a:80", "http://b:80");
            redis.replicate(master);
            for (int i = 0; i < 20; i++) {
                driver.markDead(DEAD);
            }
            log.await("cannot be marked");
            List<Answer> replica = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.command("REPLICAOF", "NO", "ONE");
            await().until(() -> {
                driver.markDead(DEAD);
                return !log.linesWith("marked again").isEmpty();
            });

            assertThat(replica)
                    .extracting(Answer::rows)
                    .containsOnly(
                            new Rows("foo.bar", List.of("site of the master", "http://a:80", "http://b:80"), Set.of()));
            assertThat(redis.exists("dead:foo.bar")).isTrue();
            assertThat(log.linesWith("marked")).hasSize(2);
            assertThat(log.linesWith("cannot be marked").get(0))
                    .startsWith("Redis 127.0.0.1:" + redis.port() + "/0: dead backends cannot be marked: READONLY");
        }
    }

    @Test
    void refusingToAnswerAndAnsweringAgain() {
        try (DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            redis.command("CONFIG", "SET", "replica-serve-stale-data", "no");
            redis.command("REPLICAOF", "127.0.0.1", "" + TestRedis.freePort());
            Answer stale = driver.read("foo.bar");
            List<Answer> later = driver.readTogether(Collections.nCopies(100, LOOKUP));
            redis.command("REPLICAOF", "NO", "ONE");
            await().until(() -> {
                driver.read("foo.bar");
                return !log.linesWith("answers look-ups again").isEmpty();
            });

            assertThat(stale.unavailable()).startsWith("MASTERDOWN");
            assertThat(later)
                    .allSatisfy(answer -> assertThat(answer.unavailable()).startsWith("MASTERDOWN"));
            assertThat(log.linesWith("look-ups")).hasSize(2);
            assertThat(log.linesWith("look-ups").get(0)).startsWith("Redis cannot answer look-ups: MASTERDOWN");
        }
    }

    @Test
    void holdingSomethingElseUnderTheKeysOfAHost() {
        redis.command("SET", "frontend:other", "no list");
        redis.command("SET", "dead:foo.bar", "no set");
        try (DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            HostLookup other = new HostLookup("other", List.of("other"));
            List<Answer> noList = driver.readTogether(Collections.nCopies(100, other));
            List<Answer> noSet = driver.readTogether(Collections.nCopies(100, LOOKUP));
            for (int i = 0; i < 20; i++) {
                driver.markDead(DEAD);
            }
            log.await("cannot be marked, because the Redis key dead:foo.bar is not a set");

            assertThat(noList)
                    .allSatisfy(answer -> assertThat(answer.unavailable()).startsWith("WRONGTYPE"));
            assertThat(noSet)
                    .extracting(Answer::rows)
                    .containsOnly(new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of()));
            assertThat(log.linesWith("other: cannot be routed, because the Redis key frontend:other is not a list"))
                    .hasSize(1);
            assertThat(log.linesWith("foo.bar: all its backends count as alive"))
                    .hasSize(1);
            assertThat(log.linesWith("foo.bar: its dead backend cannot be marked"))
                    .hasSize(1);
            assertThat(log.lines()).hasSize(4);
        }
    }

    @Test
    void awayWhileBackendsDie() {
        try (DriverOnLoop driver = open(Duration.ofSeconds(2))) {
            redis.stop();
            log.await("cannot connect");

            for (int i = 0; i < 20; i++) {
                driver.markDead(DEAD);
            }

            log.await("cannot be marked");
            assertThat(log.linesWith("marked")).hasSize(1);
        }
    }

    private DriverOnLoop open(Duration timeout) {
        return DriverOnLoop.connected(redis, timeout);
    }
}
