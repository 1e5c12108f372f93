package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.lookup.LookupBounds;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver that answers from memory while Redis tells each change. It keeps every rule of a driver that asks. */
class TrackingRedisDriverTest implements DriverContract {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @SuppressWarnings("NullAway.Init")
    private DriverOnLoop driver;

    @BeforeEach
    void open() {
        redis.flush();
        driver = DriverOnLoop.connected(settings("")).hearingFirst();
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private static RedisSettings settings(String prefix) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, prefix);
        return new RedisSettings(
                endpoint,
                endpoint,
                RedisSettings.COMMAND_TIMEOUT,
                Duration.ofSeconds(30),
                50,
                LookupBounds.MAX_BACKENDS,
                new CopySettings(true, Duration.ofHours(1), Duration.ZERO, 8 << 20));
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
    void doesNotAskAgainForWhatItKnows() {
        redis.rpush("frontend:*.bar", "site", "http://a:80", "http://b:80");
        redis.command("SADD", "dead:foo.bar", "1");
        Rows rows = driver.rows("foo.bar", "*.bar", "*");

        long asked = scriptCalls();
        for (int i = 0; i < 10; i++) {
            assertThat(driver.rows("foo.bar", "*.bar", "*")).isEqualTo(rows);
        }

        // one for each look-up that waits for the changes
        assertThat(scriptCalls() - asked).isEqualTo(10);
        assertThat(rows).isEqualTo(new Rows("*.bar", List.of("site", "http://a:80", "http://b:80"), Set.of(1)));
    }

    @Test
    void asksForNobodysHostEachTime() {
        List<HostLookup> nobody = List.of(HostLookup.ofNobody("ready"));
        driver.readTogether(nobody);
        try {
            redis.command("ACL", "SETUSER", "default", "-lrange");

            assertThat(driver.readTogether(nobody).get(0).unavailable()).contains("NOPERM");
        } finally {
            redis.command("ACL", "SETUSER", "default", "+lrange");
        }
    }

    @Test
    void hearsOfChangesUnderItsPrefix() {
        try (DriverOnLoop prefixed = DriverOnLoop.connected(settings("p:")).hearingFirst()) {
            redis.rpush("p:frontend:foo.bar", "site", "http://a:80");
            assertThat(prefixed.rows("foo.bar").entries()).hasSize(2);

            redis.rpush("p:frontend:foo.bar", "http://b:80");
            assertThat(prefixed.rows("foo.bar").entries()).hasSize(3);

            redis.command("SADD", "p:dead:foo.bar", "0");
            assertThat(prefixed.rows("foo.bar").dead()).containsExactly(0);
        }
    }

    @Test
    void forgetsEverythingWhenRedisDoes() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        assertThat(driver.rows("foo.bar").name()).isEqualTo("foo.bar");

        redis.command("FLUSHALL");

        assertThat(driver.rows("foo.bar").name()).isNull();
    }

    /** Redis tells all keys of one command in one message. */
    @Test
    void asksAgainWhenOneCommandChangesMoreThanItTakes() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        assertThat(driver.rows("foo.bar").name()).isEqualTo("foo.bar");
        String create = "for i = 1, 100001 do redis.call('SET', 'tls:' .. i, '') end";
        String delete = "local keys = {'frontend:foo.bar'}"
                + " for i = 1, 100001 do redis.call('DEL', 'tls:' .. i) end redis.call('DEL', keys[1])";
        try (RecordedLog log = RecordedLog.of("io.hipache.driver.redis")) {
            redis.command("EVAL", create, "0");
            redis.command("EVAL", delete, "0");

            log.await("changed keys in one message");
            await().untilAsserted(
                            () -> assertThat(driver.rows("foo.bar").name()).isNull());
        }
    }

    @Test
    void findsAHostThatIsNewInPlaceOfItsWildcard() {
        redis.rpush("frontend:*.bar", "wild", "http://a:80");
        assertThat(driver.rows("foo.bar", "*.bar").name()).isEqualTo("*.bar");

        redis.rpush("frontend:foo.bar", "own", "http://b:80");

        assertThat(driver.rows("foo.bar", "*.bar").name()).isEqualTo("foo.bar");
    }

    @Test
    void knowsWhenAMarkEnds() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.command("SADD", "dead:foo.bar", "1");
        redis.command("PEXPIRE", "dead:foo.bar", "60");
        assertThat(driver.rows("foo.bar").dead()).containsExactly(1);

        // no waiting for changes: Redis tells late that a key has expired
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(driver.rows("foo.bar").dead()).isEmpty());
    }

    @Test
    void asksAgainForMarksWhenTheListHasGrown() {
        redis.rpush("frontend:*.bar", "wild", "http://a:80");
        redis.command("SADD", "dead:foo.bar", "1");
        assertThat(driver.rows("foo.bar", "*.bar").dead()).isEmpty();

        redis.rpush("frontend:*.bar", "http://b:80");
        // another host of the wildcard reads the list
        assertThat(driver.rows("other.bar", "*.bar").entries()).hasSize(3);

        assertThat(driver.rows("foo.bar", "*.bar").dead()).containsExactly(1);
    }

    @Test
    void asksAgainOnANewConnection() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        assertThat(driver.rows("foo.bar").entries()).hasSize(2);

        try (RespConnection connection = redis.connect()) {
            connection.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            connection.command("RPUSH", "frontend:foo.bar", "http://b:80");
        }

        await().untilAsserted(() -> assertThat(driver.rows("foo.bar").entries()).hasSize(3));
    }

    private static long scriptCalls() {
        return redis.info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToLong(line -> Long.parseLong(line.replaceFirst("cmdstat_evalsha:calls=(\\d+).*", "$1")))
                .sum();
    }
}
