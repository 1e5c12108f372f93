package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisLink;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.TestRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What happens while Redis is away, refuses the connection, or does not answer. */
class RedisOutageTest {

    private static final Duration TIMEOUT = Duration.ofMillis(100);

    private final Logger logger = (Logger) LoggerFactory.getLogger(RedisLink.class);
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
    }

    @Test
    void startsBeforeRedisDoes() {
        try (TestRedis redis = TestRedis.start()) {
            redis.stop();
            try (DriverOnLoop driver = open(redis, null)) {
                await().until(() -> !lines().isEmpty());
                assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");

                redis.restart();

                driver.awaitAnswer();
                assertThat(lines())
                        .first()
                        .asString()
                        .contains("cannot connect", "Connection refused")
                        .doesNotContain("finishConnect", "error(");
            }
        }
    }

    @Test
    void saysOnceThatRedisIsAwayHoweverOftenItTries() throws Exception {
        try (ServerSocket closing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RedisEndpoint endpoint = new RedisEndpoint("127.0.0.1", closing.getLocalPort(), "s3cret", 0, "");
            RedisSettings settings = new RedisSettings(endpoint, endpoint, TIMEOUT, Duration.ofSeconds(30), 50);
            try (DriverOnLoop driver = new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}))) {
                for (int attempt = 0; attempt < 5; attempt++) {
                    closing.accept().close();
                }

                assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
                assertThat(lines())
                        .hasSize(1)
                        .first()
                        .asString()
                        .contains("cannot connect")
                        .doesNotContain("s3cret");
            }
        }
    }

    @Test
    void knowsWhenItsFirstAttemptIsOver() {
        try (TestRedis redis = TestRedis.start()) {
            RedisEndpoint there = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
            RedisEndpoint away = new RedisEndpoint("127.0.0.1", TestRedis.freePort(), null, 0, "");

            for (RedisEndpoint write : List.of(there, away)) {
                CompletableFuture<CompletionStage<String>> attempt = new CompletableFuture<>();
                RedisSettings settings = new RedisSettings(there, write, TIMEOUT, Duration.ofSeconds(30), 50);
                try (DriverOnLoop driver = new DriverOnLoop(loop -> {
                    RedisDriver opened = new RedisDriver(loop, settings, (host, entry) -> {});
                    attempt.complete(opened.trial());
                    return opened;
                })) {
                    attempt.thenCompose(stage -> stage)
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join();

                    assertThat(driver.read("foo.bar").rows()).isNotNull();
                }
            }
        }
    }

    @Test
    void findsRedisAgainAfterARestart() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null)) {
            driver.awaitAnswer();

            redis.stop();
            await().until(() -> lines().size() == 2);
            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            redis.restart();
            redis.rpush("frontend:foo.bar", "site");

            driver.awaitAnswer();
            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            assertThat(lines().get(0)).endsWith("connection lost");
            assertThat(lines().get(1)).contains("cannot connect");
        }
    }

    @Test
    void asksAgainWhenTheConnectionBreaksUnderALookup() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null, Duration.ofSeconds(20))) {
            driver.awaitAnswer();
            redis.pause();
            var answers = driver.begin(lookups(3));

            redis.stop();
            await().until(() -> lines().size() == 2);
            redis.restart();

            assertThat(DriverOnLoop.await(answers)).extracting(Answer::rows).doesNotContainNull();
        }
    }

    @Test
    void waitsForTheConnectionToComeBack() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null, Duration.ofSeconds(20))) {
            driver.awaitAnswer();
            redis.stop();
            await().until(() -> lines().size() == 2);
            var answers = driver.begin(lookups(200));

            redis.restart();

            assertThat(DriverOnLoop.await(answers)).extracting(Answer::rows).doesNotContainNull();
        }
    }

    @Test
    void asksOnceForAHostThatManyWaitForAndAnswersAll() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null, Duration.ofSeconds(20))) {
            driver.awaitAnswer();
            redis.pause();
            List<HostLookup> same = Collections.nCopies(50, lookups(1).get(0));
            var cutShort = driver.begin(same);
            var cutShortToo = driver.begin(same);
            redis.stop();
            await().until(() -> lines().size() == 2);
            var waiting = driver.begin(same);

            redis.restart();

            for (var answers : List.of(cutShort, cutShortToo, waiting)) {
                assertThat(DriverOnLoop.await(answers)).extracting(Answer::rows).doesNotContainNull();
            }
            assertThat(redis.info("commandstats")).contains("cmdstat_llen:calls=1,");
        }
    }

    @Test
    void losesNoLookupWhenTheConnectionIsCutAgainAndAgain() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null, Duration.ofSeconds(2))) {
            driver.awaitAnswer();
            redis.rpush("frontend:h0", "site");

            for (int cut = 0; cut < 30; cut++) {
                var before = driver.begin(lookups(20));
                redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                var after = driver.begin(lookups(20));

                assertThat(DriverOnLoop.await(before))
                        .extracting(Answer::unavailable)
                        .containsOnlyNulls();
                assertThat(DriverOnLoop.await(after))
                        .extracting(Answer::unavailable)
                        .containsOnlyNulls();
            }
        }
    }

    @Test
    void keepsNoLookupThatWaitsInVain() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null)) {
            driver.awaitAnswer();
            redis.stop();
            await().until(() -> lines().size() == 2);

            for (int round = 0; round < 3; round++) {
                assertThat(driver.readTogether(lookups(10_001)))
                        .extracting(Answer::unavailable)
                        .containsOnly("Redis is not connected");
            }
            redis.restart();

            // 10,000 may wait, so these would be refused
            driver.awaitAnswer();
        }
    }

    @Test
    void dropsLateAnswersAndKeepsTheOrderOfTheOthers() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null)) {
            driver.awaitAnswer();
            IntStream.range(0, 100).forEach(i -> redis.rpush("frontend:h" + i, "site " + i));
            redis.pause();

            List<Answer> late = driver.readTogether(lookups(50));
            List<Answer> later = driver.readTogether(lookups(50));
            redis.resume();
            List<Answer> again = driver.readTogether(lookups(100));

            assertThat(late).extracting(Answer::unavailable).containsOnly("Redis did not answer in time");
            assertThat(later).extracting(Answer::unavailable).containsOnly("Redis did not answer in time");
            for (int i = 0; i < 100; i++) {
                assertThat(again.get(i).rows()).extracting(Rows::entries).isEqualTo(List.of("site " + i));
            }
            assertThat(lines()).isEmpty();
        }
    }

    @Test
    void givesUpAConnectionThatNeverAnswersAndComesBack() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, null)) {
            driver.awaitAnswer();
            redis.pause();

            await().until(() -> {
                driver.read("foo.bar");
                return !lines().isEmpty();
            });
            assertThat(lines()).first().asString().endsWith("no answer any more");
            redis.resume();

            driver.awaitAnswer();
        }
    }

    @Test
    void usesItsPassword() {
        try (TestRedis redis = TestRedis.start("s3cret");
                DriverOnLoop driver = open(redis, "s3cret")) {
            redis.rpush("frontend:foo.bar", "site");

            driver.awaitAnswer();

            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
            assertThat(lines()).isEmpty();
        }
    }

    @Test
    void saysOnceThatItsPasswordIsRefusedWithoutTellingIt() {
        try (TestRedis redis = TestRedis.start("s3cret");
                DriverOnLoop driver = open(redis, "wr0ng")) {
            await().until(() -> !lines().isEmpty());
            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");

            redis.command("CONFIG", "SET", "requirepass", "wr0ng");
            driver.awaitAnswer();

            assertThat(lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("refuses the password")
                    .doesNotContain("wr0ng");
        }
    }

    @Test
    void saysThatAPasswordIsWanted() {
        try (TestRedis redis = TestRedis.start("s3cret");
                DriverOnLoop driver = open(redis, null)) {
            await().until(() -> !lines().isEmpty());

            assertThat(lines())
                    .first()
                    .asString()
                    .contains(": wants a password, and the driver's URL has none", "NOAUTH")
                    .doesNotContain("refuses");
            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
        }
    }

    @Test
    void goesOnWithoutAPasswordThatNobodyWants() {
        try (TestRedis redis = TestRedis.start();
                DriverOnLoop driver = open(redis, "s3cret")) {
            driver.awaitAnswer();

            assertThat(lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("wants no password")
                    .doesNotContain("s3cret");
        }
    }

    private List<String> lines() {
        synchronized (appender) {
            return new ArrayList<>(appender.list)
                    .stream().map(ILoggingEvent::getFormattedMessage).toList();
        }
    }

    private static List<HostLookup> lookups(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new HostLookup("h" + i, List.of("h" + i)))
                .toList();
    }

    private static DriverOnLoop open(TestRedis redis, @Nullable String password) {
        return open(redis, password, TIMEOUT);
    }

    private static DriverOnLoop open(TestRedis redis, @Nullable String password, Duration timeout) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), password, 0, "");
        RedisSettings settings = new RedisSettings(endpoint, endpoint, timeout, Duration.ofSeconds(30), 50);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}));
    }
}
