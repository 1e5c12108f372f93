package io.hipache.driver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Driver.Marking;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver on a server whose rules refuse scripts. */
class ScriptlessRedisDriverTest implements DriverContract {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @SuppressWarnings("NullAway.Init")
    private DriverOnLoop driver;

    @BeforeAll
    static void refuseScripts() {
        redis.command("ACL", "SETUSER", "default", "-@scripting");
    }

    @BeforeEach
    void open() {
        redis.flush();
        driver = DriverOnLoop.connected(redis, RedisSettings.COMMAND_TIMEOUT);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Override
    public TestRedis redis() {
        return redis;
    }

    @Override
    public DriverOnLoop driver() {
        return driver;
    }

    @Test
    void saysWhichDeadSetItDoesNotRead() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.sadd(
                "dead:foo.bar",
                IntStream.range(0, 40_000).mapToObj(Integer::toString).toArray(String[]::new));

        try (RecordedLog log = RecordedLog.of("io.hipache.driver")) {
            assertThat(driver.rows("foo.bar", "*").dead()).isEmpty();

            assertThat(log.lines())
                    .containsExactly(
                            "foo.bar: all its backends count as alive, because the Redis key dead:foo.bar holds"
                                    + " more than indexes; delete it");
        }
    }

    @Test
    void emptiesAnEntryThatItCannotMeasureAndEndsTheConnectionBeforeAHugeOne() {
        redis.rpush("frontend:other", "site", "http://a:80");
        try (RespConnection connection = redis.connect()) {
            redis.rpush("frontend:long.bar", "site");
            connection.command("RPUSH".getBytes(US_ASCII), "frontend:long.bar".getBytes(US_ASCII), new byte[1 << 20]);
            redis.rpush("frontend:long.bar", "http://b:80");
            connection.command("RPUSH".getBytes(US_ASCII), "frontend:huge.bar".getBytes(US_ASCII), new byte[17 << 20]);
        }
        redis.command("ACL", "SETUSER", "default", "-memory");
        try (RecordedLog log = RecordedLog.of("io.hipache.driver")) {
            assertThat(driver.rows("long.bar", "*").entries()).isEqualTo(List.of("site", "", "http://b:80"));
            assertThat(log.lines()).isEmpty();

            assertThat(driver.read("huge.bar", "*").unavailable()).isEqualTo("the connection to Redis is lost");
            driver.awaitAnswer();
            assertThat(driver.rows("other", "*").entries()).isEqualTo(List.of("site", "http://a:80"));
            assertThat(log.linesWith("a string of 17825792 bytes")).hasSize(1);
        } finally {
            redis.command("ACL", "SETUSER", "default", "+memory");
        }
    }

    @Test
    void asksForScriptsNoMoreOnceTheyWereRefused() {
        redis.rpush("frontend:*", "site", "http://a:80");
        redis.command("CONFIG", "RESETSTAT");

        driver.read("foo.bar", "*");

        assertThat(redis.info("commandstats")).contains("cmdstat_exec:calls=1,").doesNotContain("cmdstat_eval");
    }

    @Test
    void marksNothingForAFailureThatOneRequestCanCause() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "http://c:80");

        assertThat(driver.marking(Deaths.soft("foo.bar", 0, "http://a:80", 3))).isEqualTo(Marking.UNCOUNTED);

        assertThat(redis.exists("dead:foo.bar")).isFalse();
    }
}
