package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.driver.copy.CopyReport;
import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.copy.Tracking;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisLink;
import io.hipache.routing.Driver.Marking;
import io.hipache.snapshot.Entry;
import io.hipache.testing.Forwarder;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver that answers from memory while Redis is away. */
class StaleRedisDriverTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @AutoClose
    private final TestRedis redis = TestRedis.start();

    private DriverOnLoop driver(boolean tracking, Duration staleIfDown, Duration settle) {
        return DriverOnLoop.connected(settings(tracking, staleIfDown, settle));
    }

    private RedisSettings settings(boolean tracking, Duration staleIfDown, Duration settle) {
        return settings(redis.port(), new CopySettings(tracking, staleIfDown, settle, 8 << 20));
    }

    private RedisSettings settings(int port, CopySettings copy) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), port, null, 0, "");
        return DriverOnLoop.settings(endpoint, TIMEOUT, copy);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void knowsHostsWhileRedisIsGone(boolean tracking) {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        try (DriverOnLoop driver = driver(tracking, Duration.ofMinutes(5), Duration.ZERO);
                RecordedLog log = RecordedLog.of(StoreCopy.class)) {
            assertThat(driver.rows("foo.bar").stale()).isFalse();

            redis.stop();

            await().until(() -> driver.rows("foo.bar").stale());
            assertThat(driver.rows("foo.bar").entries()).hasSize(3);
            assertThat(driver.answersFromCopy()).isTrue();
            Answer unknown = driver.read("other.bar");
            assertThat(unknown.rows()).isNull();
            assertThat(log.lines()).hasSize(1).first().asString().contains("gives no answers");

            redis.restart();
            redis.rpush("frontend:foo.bar", "site", "http://c:80");
            await().untilAsserted(
                            () -> assertThat(driver.rows("foo.bar").entries()).contains("http://c:80"));
            assertThat(driver.rows("foo.bar").stale()).isFalse();
            assertThat(driver.answersFromCopy()).isFalse();
            assertThat(log.lines()).last().asString().contains("answers again");
        }
    }

    @Test
    void answersWhatWaitsAsSoonAsRedisIsKnownToBeAway() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver = driver(true, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            redis.stop();

            // every one of them, also those that come before anybody knows
            for (int i = 0; i < 200; i++) {
                assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            }
        }
    }

    @Test
    void endsLookUpsThatARedisWhichHangsDoesNotAnswer() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
        CopySettings copy = new CopySettings(false, Duration.ofMinutes(5), Duration.ZERO, 8 << 20);
        // no look-up ends by its own time
        Duration timeout = Duration.ofMinutes(5);
        try (DriverOnLoop driver = DriverOnLoop.connected(DriverOnLoop.settings(endpoint, timeout, copy))) {
            assertThat(driver.rows("foo.bar").stale()).isFalse();
            redis.pause();
            try {
                assertThat(driver.rows("foo.bar").stale()).isTrue();
            } finally {
                redis.resume();
            }
        }
    }

    @Test
    void isUsableFromTheMomentAtWhichTheConnectionIsLost() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        CopySettings copy = new CopySettings(false, Duration.ofMinutes(5), Duration.ZERO, 8 << 20);
        // when the server has gone, connecting to the forwarder takes its time: Redis does not count as away at once
        try (Forwarder forwarder = Forwarder.to(redis.port());
                DriverOnLoop driver = DriverOnLoop.connected(settings(forwarder.port(), copy));
                RecordedLog log = RecordedLog.of(RedisLink.class)) {
            assertThat(driver.rows("foo.bar").stale()).isFalse();
            redis.stop();
            log.await("connection lost");

            assertThat(driver.redis()
                            .trial()
                            .toCompletableFuture()
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join())
                    .isEmpty();
            assertThat(driver.rows("foo.bar").stale()).isTrue();
        }
    }

    @Test
    void doesNotSayFromMemoryThatThereIsNoSuchHost() {
        try (DriverOnLoop driver = driver(true, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.read("foo.bar").rows()).isNotNull();
            redis.stop();

            await().until(() -> driver.read("foo.bar").rows() == null);
            redis.restart();
            redis.rpush("frontend:foo.bar", "site", "http://a:80");
            await().until(() -> driver.rows("foo.bar").entries().size() == 2);
        }
    }

    @Test
    void saysWhenWhatIsInMemoryHasBecomeTooOld() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver = driver(false, Duration.ofSeconds(2), Duration.ZERO);
                RecordedLog log = RecordedLog.of(StoreCopy.class)) {
            assertThat(driver.rows("foo.bar").stale()).isFalse();
            redis.stop();
            await().until(() -> driver.rows("foo.bar").stale());

            await().until(() -> driver.read("foo.bar").rows() == null);
            driver.read("foo.bar");

            assertThat(log.linesWith("older than server.staleIfDown")).hasSize(1);
        }
    }

    @Test
    void answersFromMemoryWhileRedisHangs() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver = driver(true, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            redis.pause();
            try {
                await().until(() -> driver.rows("foo.bar").stale());
                assertThat(driver.answersFromCopy()).isTrue();
            } finally {
                redis.resume();
            }
            await().until(() -> !driver.rows("foo.bar").stale());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersForCertificatesFromMemoryWhileRedisHangs(boolean tracking) {
        redis.command("HSET", "tls:www.foo.bar", "certificate", "cert", "key", "key");
        try (DriverOnLoop driver = driver(tracking, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
            redis.pause();
            try {
                // sooner than the connection is taken for lost, which is five times the timeout
                assertThat(driver.certificates("www.foo.bar")
                                .orTimeout(4 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                                .join())
                        .isEqualTo("cert");
            } finally {
                redis.resume();
            }
            assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
        }
    }

    @Test
    void answersForCertificatesFromMemoryWhileRedisHasNoData() {
        redis.command("HSET", "tls:www.foo.bar", "certificate", "cert", "key", "key");
        try (DriverOnLoop driver = driver(false, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
            redis.command("CONFIG", "SET", "replica-serve-stale-data", "no");
            redis.command("REPLICAOF", "127.0.0.1", "" + TestRedis.freePort());

            assertThat(driver.certificates("www.foo.bar")
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join())
                    .isEqualTo("cert");
        }
    }

    @Test
    void answersEachHandshakeOnceWhenTheConnectionIsLost() {
        redis.command("HSET", "tls:www.foo.bar", "certificate", "cert", "key", "key");
        try (DriverOnLoop driver = driver(false, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
            redis.pause();
            CompletableFuture<String> first = driver.certificates("www.foo.bar");
            // so that the second one has a turn of its own
            driver.awaitTimers(Duration.ofMillis(1));
            List<CompletableFuture<String>> asked = List.of(first, driver.certificates("www.foo.bar"));
            driver.awaitTimers(Duration.ofMillis(1));
            redis.stop();
            asked.forEach(CompletableFuture::join);
            driver.awaitTimers(Duration.ofSeconds(1));

            assertThat(asked).allSatisfy(answer -> assertThat(answer.join()).isEqualTo("cert"));
        }
    }

    @Test
    void answersForACertificateFromMemoryWhereRedisDoesNotKeepUp() {
        redis.command("HSET", "tls:www.foo.bar", "certificate", "cert", "key", "key");
        try (DriverOnLoop driver = driver(false, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
            redis.pause();
            try {
                for (int i = 0; i < 1_000; i++) {
                    var unused = driver.certificates("h" + i + ".foo.bar");
                }

                assertThat(driver.certificates("www.foo.bar").join()).isEqualTo("cert");
            } finally {
                redis.resume();
            }
        }
    }

    @Test
    void noticesAConnectionThatIsOpenOnThisSideOnly() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        CopySettings copy = new CopySettings(true, Duration.ofMinutes(5), Duration.ZERO, 8 << 20);
        try (Forwarder forwarder = Forwarder.to(redis.port());
                DriverOnLoop driver = DriverOnLoop.connected(settings(forwarder.port(), copy))) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            forwarder.loseConnections();
            redis.rpush("frontend:foo.bar", "http://b:80");

            // long before the kernel notices anything
            await().atMost(Duration.ofSeconds(8))
                    .until(() -> driver.rows("foo.bar").entries().size() == 3);
            assertThat(driver.rows("foo.bar").stale()).isFalse();
        }
    }

    @Test
    void isNotReadyToAnswerFromNothing() {
        redis.stop();
        RedisSettings settings = settings(true, Duration.ofMinutes(5), Duration.ZERO);
        try (DriverOnLoop driver = new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}))) {
            assertThat(driver.read("foo.bar").rows()).isNull();
            assertThat(driver.answersFromCopy()).isFalse();
        }
    }

    @Test
    void asksAHangingRedisAgainWithoutAnythingToAnswerWith() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver = driver(true, Duration.ZERO, Duration.ZERO)) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            redis.pause();
            try {
                // as soon as the silence is noticed, the copy is not trusted any more
                await().until(() -> driver.read("foo.bar").rows() == null);
            } finally {
                redis.resume();
            }
            await().until(() -> driver.read("foo.bar").rows() != null);
        }
    }

    @Test
    void marksInMemoryWhileRedisIsGone() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        try (DriverOnLoop driver = driver(true, Duration.ofMinutes(5), Duration.ZERO)) {
            assertThat(driver.rows("foo.bar").dead()).isEmpty();
            redis.stop();
            await().until(() -> driver.rows("foo.bar").stale());

            assertThat(driver.marking(Deaths.hard("foo.bar", 1, "http://b:80", 2)))
                    .isEqualTo(Marking.MARKED);

            assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(1));
        }
    }

    @Test
    void keepsBackendsWhileAnEditorWritesThemAgain() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver = driver(false, Duration.ZERO, Duration.ofSeconds(30))) {
            assertThat(driver.rows("foo.bar").entries()).containsExactly("site", "http://a:80");

            redis.del("frontend:foo.bar");
            assertThat(driver.rows("foo.bar").entries()).containsExactly("site", "http://a:80");
            redis.rpush("frontend:foo.bar", "site");
            assertThat(driver.rows("foo.bar").entries()).containsExactly("site", "http://a:80");
            redis.rpush("frontend:foo.bar", "http://c:80");
            assertThat(driver.rows("foo.bar").entries()).containsExactly("site", "http://c:80");
        }
    }

    @Test
    void asksForEachRequestWhereRedisCannotTellChanges() {
        redis.command("ACL", "SETUSER", "default", "-client");
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (RecordedLog log = RecordedLog.of(Tracking.class);
                DriverOnLoop driver = driver(true, Duration.ZERO, Duration.ZERO)) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            redis.rpush("frontend:foo.bar", "http://b:80");

            assertThat(driver.rows("foo.bar").entries()).hasSize(3);
            assertThat(log.lines()).hasSize(1).first().asString().contains("cannot tell changes");
        }
    }

    /** Another worker has told what it learned, and this one starts while Redis is gone. */
    @Test
    void knowsWhatOthersHaveLearned() {
        redis.rpush("frontend:*.foo.bar", "site", "http://a:80");
        redis.command("HSET", "tls:www.foo.bar", "certificate", "cert", "key", "key");
        ConcurrentLinkedQueue<Entry> told = new ConcurrentLinkedQueue<>();
        try (DriverOnLoop first = driver(true, Duration.ofMinutes(5), Duration.ZERO)) {
            first.redis().reportTo(new Telling(told));
            assertThat(first.rows("www.foo.bar", "*.foo.bar").entries()).hasSize(2);
            first.certificates("www.foo.bar").join();
            await().until(() -> told.size() >= 4);
        }
        redis.stop();

        try (DriverOnLoop second = new DriverOnLoop(loop -> {
            RedisDriver opened = new RedisDriver(
                    loop, settings(true, Duration.ofMinutes(5), Duration.ZERO), DriverOnLoop.CHECKER_POLL);
            opened.restore(List.copyOf(told));
            return opened;
        })) {
            // at once, before anybody has found out that Redis is gone
            CompletableFuture<String> certificate = second.certificates("www.foo.bar");
            assertThat(second.rows("www.foo.bar", "*.foo.bar").entries()).containsExactly("site", "http://a:80");
            assertThat(certificate.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo("cert");
            assertThat(second.answersFromCopy()).isTrue();
            assertThat(second.read("other.bar").rows()).isNull();

            redis.restart();
            redis.rpush("frontend:*.foo.bar", "site", "http://b:80");
            await().untilAsserted(() -> assertThat(
                            second.rows("www.foo.bar", "*.foo.bar").entries())
                    .containsExactly("site", "http://b:80"));
        }
    }

    private record Telling(Queue<Entry> told) implements CopyReport.Sink {

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void send(List<Entry> entries) {
            told.addAll(entries);
        }
    }

    @Test
    void doesNotAnswerFromMemoryForAKeyOfTheWrongType() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        try (DriverOnLoop driver =
                driver(true, Duration.ofMinutes(5), Duration.ZERO).hearingFirst()) {
            assertThat(driver.rows("foo.bar").entries()).hasSize(2);
            redis.command("SET", "frontend:foo.bar", "x");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("WRONGTYPE");
        }
    }
}
