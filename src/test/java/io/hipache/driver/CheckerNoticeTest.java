package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The log lines about a store that hipache-hchecker cannot use: the checker knows no database and no prefix. */
class CheckerNoticeTest {

    private static final String UNSEEN = "no active health checker is seen";

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");

    @BeforeEach
    void emptyStore() {
        redis.flush();
    }

    @AfterEach
    void end() {
        log.close();
    }

    @ParameterizedTest
    @CsvSource({"3, ''", "0, p:"})
    void saysOnceThatNoCheckerIsSeenWhereTheUsualOneCannotBe(int database, String prefix) {
        try (DriverOnLoop driver = open(database, prefix)) {
            log.await(UNSEEN);
            redis.command("CONFIG", "RESETSTAT");
            await().until(() -> redis.info("commandstats").matches("(?s).*cmdstat_get:calls=[2-9].*"));

            assertThat(driver.activeCheckerAlive()).isFalse();
            assertThat(log.linesWith(UNSEEN)).hasSize(1);
        }
    }

    @Test
    void saysNothingWhereACheckerIsSeenOrCouldBe() {
        redis.command("SET", "hchecker_ping", "" + (Instant.now().getEpochSecond() - 1000));
        try (RespConnection third = redis.connect()) {
            third.command("SELECT", "3");
            third.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());
        }

        try (DriverOnLoop usual = open(0, "");
                DriverOnLoop other = open(3, "")) {
            await().until(other::activeCheckerAlive);

            assertThat(usual.activeCheckerAlive()).isFalse();
            assertThat(log.linesWith(UNSEEN)).isEmpty();
            assertThat(log.linesWith("nobody marks")).isEmpty();
        }
    }

    @Test
    void warnsOfACheckerThatMayNotKnowThePrefix() {
        redis.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());

        try (DriverOnLoop driver = open(0, "p:")) {
            await().until(driver::activeCheckerAlive);

            assertThat(log.linesWith("must know the prefix p:")).hasSize(1);
            assertThat(log.linesWith(UNSEEN)).isEmpty();
        }
    }

    private static DriverOnLoop open(int database, String prefix) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, database, prefix);
        return DriverOnLoop.connected(
                new RedisSettings(endpoint, endpoint, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50));
    }
}
