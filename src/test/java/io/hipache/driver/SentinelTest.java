package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Rows;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestSentinel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A master and a replica under a real Sentinel; all of them want the same password. */
class SentinelTest {

    private static final String PASSWORD = "s3cret";
    private static final DeadBackend DEAD = Deaths.hard("foo.bar", 1, "http://b:80", 2);

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final TestRedis first = TestRedis.onThisMachine(PASSWORD);
    private final TestRedis second = TestRedis.onThisMachine(PASSWORD);

    @SuppressWarnings("NullAway.Init")
    private TestSentinel sentinel;

    @BeforeEach
    void replicate() {
        first.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        second.replicate(first);
        sentinel = TestSentinel.watching("mymaster", first, 1, PASSWORD);
    }

    @AfterEach
    void end() {
        log.close();
        sentinel.close();
        second.close();
        first.close();
    }

    @Test
    void findsTheMasterWhateverSentinelAnswers() {
        RedisEndpoint master = endpoint("mymaster", false, dead(), new Tcp(sentinel.host(), sentinel.port(), null));
        try (DriverOnLoop driver = open(master, master)) {
            driver.awaitAnswer();

            driver.markDead(DEAD);

            await().until(() -> first.exists("dead:foo.bar"));
            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            assertThat(connections(first)).isEqualTo(1);
            assertThat(log.lines()).singleElement().asString().endsWith(": connected to 127.0.0.1:" + first.port());
        }
    }

    @Test
    void readsFromAReplicaAndMarksAtTheMaster() {
        try (DriverOnLoop driver = open(here(true), here(false))) {
            driver.awaitAnswer();
            await().until(() -> connections(first) == 1 && connections(second) == 1);
            second.command("CONFIG", "RESETSTAT");

            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            driver.markDead(DEAD);

            await().until(() -> first.exists("dead:foo.bar"));
            assertThat(second.info("commandstats")).contains("cmdstat_evalsha");
        }
    }

    @Test
    void readsFromTheMasterWhenNoReplicaIsHealthy() {
        second.stop();
        sentinel.awaitHealthyReplicas(0);

        try (DriverOnLoop driver = open(here(true), here(false))) {
            driver.awaitAnswer();

            await().until(() -> connections(first) == 2);
        }
    }

    @Test
    void followsAFailoverInGoodOrder() {
        try (DriverOnLoop driver = open(here(false), here(false))) {
            driver.awaitAnswer();

            sentinel.failOver();

            await().until(() -> {
                driver.markDead(DEAD);
                return second.exists("dead:foo.bar");
            });
            driver.awaitAnswer();
            assertThat(log.lines()).last().asString().endsWith(": connected to 127.0.0.1:" + second.port());
        }
    }

    @Test
    void followsAFailoverAfterADeath() {
        try (DriverOnLoop driver = open(here(true), here(false))) {
            driver.awaitAnswer();

            first.stop();
            sentinel.awaitMasterOtherThan(first.port());

            await().atMost(Duration.ofSeconds(20)).until(() -> {
                driver.markDead(DEAD);
                return second.exists("dead:foo.bar");
            });
            driver.awaitAnswer();
            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
        }
    }

    @Test
    void hearsOfAFailoverThatItMissedWhileNoSentinelAnswered() {
        try (DriverOnLoop driver = open(here(false), here(false))) {
            driver.awaitAnswer();

            sentinel.stop();
            log.await("a failover would go unnoticed");
            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            second.command("REPLICAOF", "NO", "ONE");
            first.replicate(second);
            sentinel.restart(second);

            log.await("Sentinel answers again");
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                driver.markDead(DEAD);
                return second.exists("dead:foo.bar");
            });
            assertThat(log.linesWith("a failover would go unnoticed")).hasSize(1);
            assertThat(log.linesWith("has moved")).hasSize(1);
        }
    }

    @Test
    void saysOnceThatNoSentinelKnowsTheMaster() {
        RedisEndpoint unknown = endpoint("other", false, new Tcp(sentinel.host(), sentinel.port(), null));
        try (DriverOnLoop driver = open(unknown, unknown)) {
            log.await("knows no master other");

            // waits for two seconds, in which there are several attempts to connect
            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");

            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("cannot connect")
                    .doesNotContain(PASSWORD);
        }
    }

    private RedisEndpoint here(boolean replica) {
        return endpoint("mymaster", replica, new Tcp(sentinel.host(), sentinel.port(), null));
    }

    private static RedisEndpoint endpoint(String master, boolean replica, Tcp... sentinels) {
        return new RedisEndpoint(new Sentinels(List.of(sentinels), master, replica), null, PASSWORD, 0, "");
    }

    private static Tcp dead() {
        return new Tcp("127.0.0.1", TestRedis.freePort(), null);
    }

    private static int connections(TestRedis redis) {
        @Nullable String clients = (String) redis.command("CLIENT", "LIST");
        return clients == null ? 0 : clients.split("name=hipache", -1).length - 1;
    }

    private static DriverOnLoop open(RedisEndpoint read, RedisEndpoint write) {
        RedisSettings settings =
                new RedisSettings(read, write, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}));
    }
}
