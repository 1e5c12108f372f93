package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.Rows;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users and passwords, as a URL names them. */
class RedisLoginTest {

    /** The rights that the documentation asks administrators for. */
    private static final String[] RIGHTS = {
        "~frontend:*",
        "~dead:*",
        "~tls:*",
        "~hchecker_ping",
        "resetchannels",
        "&dead",
        "+ping",
        "+select",
        "+client",
        "+eval",
        "+evalsha",
        "+lrange",
        "+llen",
        "+lindex",
        "+memory|usage",
        "+scard",
        "+sismember",
        "+smismember",
        "+get",
        "+hmget",
        "+hstrlen",
        "+multi",
        "+exec",
        "+sadd",
        "+expire",
        "+publish"
    };

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final TestRedis redis = TestRedis.start("s3cret");

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
    void needsFewRights() throws Exception {
        allow("proxy", "pr0xy", RIGHTS);
        redis.command("SET", "hchecker_ping", "" + (Instant.now().getEpochSecond() - 100));
        try (DriverOnLoop driver = open("proxy", "pr0xy");
                RespConnection subscriber = redis.connect()) {
            driver.awaitAnswer();
            subscriber.command("SUBSCRIBE", "dead");

            driver.markDead(Deaths.hard("foo.bar", 1, "http://b:80", 2));

            assertThat(subscriber.read()).isEqualTo(List.of("message", "dead", "foo.bar;http://b:80/;1;2"));
            assertThat(driver.rows("foo.bar", "*"))
                    .isEqualTo(new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of(1)));
            redis.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());
            await().until(driver::activeCheckerAlive);
            assertThat(log.lines()).first().asString().endsWith(": connected");
            assertThat(log.linesWith("NOPERM")).isEmpty();
            assertThat(log.linesWith("refuses scripts")).isEmpty();
            assertThat(String.valueOf(redis.command("CLIENT", "LIST"))).contains("user=proxy");
        }
    }

    @Test
    void needsTwoMoreRightsToHearOfChanges() {
        allow(
                "proxy",
                "pr0xy",
                Stream.concat(Stream.of(RIGHTS), Stream.of("+hello", "+pttl")).toArray(String[]::new));
        CopySettings tracking = new CopySettings(true, Duration.ofHours(1), Duration.ZERO, 1 << 20);
        try (DriverOnLoop driver = open("proxy", "pr0xy", tracking).hearingFirst()) {
            driver.awaitAnswer();
            assertThat(driver.rows("foo.bar").entries()).hasSize(3);
            redis.rpush("frontend:foo.bar", "http://c:80");

            assertThat(driver.rows("foo.bar").entries()).hasSize(4);
            assertThat(log.linesWith("tells each change")).hasSize(1);
            assertThat(log.linesWith("refuses scripts")).isEmpty();
        }
    }

    @Test
    void triesThePasswordAloneWhereTheUserIsUnknownAsHipacheDid() {
        try (DriverOnLoop driver = open("h", "s3cret")) {
            driver.awaitAnswer();

            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            assertThat(log.linesWith("does not know the user, going on with the password alone"))
                    .hasSize(1);
        }
    }

    @Test
    void goesOnWithoutCredentialsThatNobodyWants() {
        redis.command("ACL", "SETUSER", "default", "nopass");
        try (DriverOnLoop driver = open("h", "s3cret")) {
            driver.awaitAnswer();

            assertThat(log.linesWith("wants no password, going on without")).hasSize(1);
        }
    }

    @Test
    void saysOnceThatAUserIsRefusedWithoutTellingThePassword() {
        allow("proxy", "pr0xy", RIGHTS);
        try (DriverOnLoop driver = open("proxy", "wr0ng")) {
            log.await("refuses the password");
            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");

            allow("proxy", "wr0ng", RIGHTS);
            driver.awaitAnswer();

            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(0))
                    .contains("refuses the password: WRONGPASS")
                    .doesNotContain("wr0ng");
            assertThat(log.lines().get(1)).endsWith(": connected");
        }
    }

    @Test
    void saysOnceThatAUserMayNotLookUp() {
        allow("proxy", "pr0xy", "+ping", "+client");
        try (DriverOnLoop driver = open("proxy", "pr0xy")) {
            log.await("connected");

            for (int i = 0; i < 20; i++) {
                assertThat(driver.read("foo.bar").unavailable()).isNotNull();
            }

            assertThat(log.linesWith("cannot answer look-ups")).hasSize(1);
        }
    }

    private void allow(String user, String password, String... rights) {
        String[] command = new String[rights.length + 6];
        List<String> head = List.of("ACL", "SETUSER", user, "reset", "on", ">" + password);
        head.toArray(command);
        System.arraycopy(rights, 0, command, head.size(), rights.length);
        redis.command(command);
    }

    private DriverOnLoop open(@Nullable String user, String password) {
        return open(user, password, CopySettings.OFF);
    }

    private DriverOnLoop open(@Nullable String user, String password, CopySettings copy) {
        RedisEndpoint endpoint = new RedisEndpoint(new Tcp(redis.host(), redis.port(), null), user, password, 0, "");
        RedisSettings settings = DriverOnLoop.settings(endpoint, RedisSettings.COMMAND_TIMEOUT, copy);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, DriverOnLoop.CHECKER_POLL));
    }
}
