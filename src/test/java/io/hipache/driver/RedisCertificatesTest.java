package io.hipache.driver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.CertificateStore.Stored.Nothing;
import io.hipache.certificates.CertificateStore.Stored.Pair;
import io.hipache.certificates.CertificateStore.Stored.Unusable;
import io.hipache.certificates.PemPair;
import io.hipache.driver.CertificatesOnLoop.Answer;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates in a real Redis, in the form of planb and tsuru. */
class RedisCertificatesTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");

    @SuppressWarnings("NullAway.Init")
    private CertificatesOnLoop store;

    @BeforeEach
    void open() {
        redis.flush();
        store = CertificatesOnLoop.connected(redis, "");
    }

    @AfterEach
    void close() {
        store.close();
        log.close();
    }

    @Test
    void readsTheExactNameAndItsWildcard() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT a", "key", "KEY a");
        redis.command("HSET", "tls:*.example", "certificate", "CERT *", "key", "KEY *");

        assertThat(store.read("a.example")).isEqualTo(new Answer(pair("CERT a", "KEY a"), pair("CERT *", "KEY *")));
        assertThat(store.read("b.example")).isEqualTo(new Answer(new Nothing(), pair("CERT *", "KEY *")));
        assertThat(store.read("a.b.example")).isEqualTo(new Answer(new Nothing(), new Nothing()));
    }

    @Test
    void asksForANameAndItsWildcardWithOneCommand() {
        redis.command("HSET", "tls:*.example", "certificate", "CERT *", "key", "KEY *");
        redis.command("CONFIG", "RESETSTAT");

        Answer answer = store.read("a.example");

        assertThat(answer).isEqualTo(new Answer(new Nothing(), pair("CERT *", "KEY *")));
        assertThat(calls("eval")).isEqualTo(1);
    }

    @Test
    void readsANameOfOneLabelWithoutAWildcard() {
        redis.command("HSET", "tls:localhost", "certificate", "CERT", "key", "KEY");

        assertThat(store.read("localhost")).isEqualTo(new Answer(pair("CERT", "KEY"), new Nothing()));
    }

    @Test
    void waitsWhileRedisHasNoData() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT", "key", "KEY");
        loseData();
        try {
            List<CompletableFuture<Answer>> asked = store.begin("a.example", "a.example");
            log.await("Redis cannot answer for certificates: MASTERDOWN");
            redis.command("REPLICAOF", "NO", "ONE");

            assertThat(CertificatesOnLoop.await(asked)).containsOnly(new Answer(pair("CERT", "KEY"), new Nothing()));
        } finally {
            redis.command("REPLICAOF", "NO", "ONE");
        }
    }

    @Test
    void doesNotWaitForDataForEver() {
        loseData();
        try (CertificatesOnLoop impatient = CertificatesOnLoop.opened(redis, Duration.ofMillis(200))) {
            assertThat(impatient.read("a.example").unavailable()).startsWith("MASTERDOWN");
        } finally {
            redis.command("REPLICAOF", "NO", "ONE");
        }
    }

    /** Redis then answers every look-up with an error that passes. */
    private static void loseData() {
        redis.command("CONFIG", "SET", "replica-serve-stale-data", "no");
        redis.command("REPLICAOF", "127.0.0.1", "" + TestRedis.freePort());
    }

    @Test
    void seesAChangeInTheVeryNextLookup() {
        for (int i = 0; i < 50; i++) {
            redis.command("HSET", "tls:a.example", "certificate", "CERT " + i, "key", "KEY");

            assertThat(store.read("a.example").exact()).isEqualTo(pair("CERT " + i, "KEY"));
        }
        redis.del("tls:a.example");

        assertThat(store.read("a.example").exact()).isEqualTo(new Nothing());
    }

    @Test
    void saysWhichHalfOfAPairIsMissing() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT");
        redis.command("HSET", "tls:*.example", "key", "KEY");

        assertThat(store.read("a.example"))
                .isEqualTo(new Answer(
                        new Unusable("tls:a.example in Redis has no field key"),
                        new Unusable("tls:*.example in Redis has no field certificate")));
    }

    @Test
    void aWrongTypeConcernsNobodyElse() {
        redis.command("SET", "tls:a.example", "no hash");
        redis.command("HSET", "tls:*.example", "certificate", "CERT", "key", "KEY");

        List<Answer> answers = store.readTogether("a.example", "b.example");

        assertThat(answers)
                .containsExactly(
                        new Answer(new Unusable("tls:a.example in Redis is not a hash"), pair("CERT", "KEY")),
                        new Answer(new Nothing(), pair("CERT", "KEY")));
        assertThat(log.linesWith("WRONGTYPE")).isEmpty();
    }

    @Test
    void keepsNothingOfWhatIsTooLong() {
        redis.command("HSET", "tls:a.example", "certificate", "C".repeat(64 * 1024 + 1), "key", "KEY");
        redis.command("HSET", "tls:*.example", "certificate", "C".repeat(64 * 1024), "key", "KEY");

        Answer answer = store.read("a.example");

        assertThat(answer.exact())
                .isEqualTo(new Unusable("tls:a.example in Redis has a field of more than 65536 bytes"));
        assertThat(answer.wildcard()).isEqualTo(pair("C".repeat(64 * 1024), "KEY"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"+eval", "-eval"})
    void neverFetchesWhatIsTooLong(String scripts) {
        try (RespConnection connection = redis.connect()) {
            connection.command(
                    "HSET".getBytes(US_ASCII),
                    "tls:a.example".getBytes(US_ASCII),
                    "certificate".getBytes(US_ASCII),
                    new byte[8 << 20]);
            connection.command(
                    "HSET".getBytes(US_ASCII),
                    "tls:*.example".getBytes(US_ASCII),
                    "key".getBytes(US_ASCII),
                    new byte[8 << 20]);
        }
        redis.command("ACL", "SETUSER", "default", scripts);
        redis.command("CONFIG", "RESETSTAT");
        try {
            for (int i = 0; i < 10; i++) {
                Answer answer = store.read("a.example");

                assertThat(answer.exact())
                        .isEqualTo(new Unusable("tls:a.example in Redis has a field of more than 65536 bytes"));
                assertThat(answer.wildcard())
                        .isEqualTo(new Unusable("tls:*.example in Redis has a field of more than 65536 bytes"));
            }
        } finally {
            redis.command("ACL", "SETUSER", "default", "+eval");
        }
        Matcher sent = Pattern.compile("total_net_output_bytes:(\\d+)").matcher(redis.info("stats"));
        assertThat(sent.find()).isTrue();
        assertThat(Long.parseLong(sent.group(1))).isLessThan(50_000);
    }

    @Test
    void readsPairsWithoutScripts() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT", "key", "KEY");
        redis.command("SET", "tls:*.example", "no hash");
        redis.command("ACL", "SETUSER", "default", "-@scripting");
        try {
            assertThat(store.read("a.example"))
                    .isEqualTo(new Answer(pair("CERT", "KEY"), new Unusable("tls:*.example in Redis is not a hash")));
            assertThat(store.read("b.example").exact()).isEqualTo(new Nothing());
        } finally {
            redis.command("ACL", "SETUSER", "default", "+@all");
        }
    }

    @Test
    void takesBytesThatAreNoText() {
        redis.command("HSET", "tls:a.example", "certificate", "\u0000\r\n\u00ff", "key", "");

        assertThat(store.read("a.example").exact()).isInstanceOf(Pair.class);
    }

    @Test
    void asksOnceForAllHandshakesOfATurnThatWantTheSameName() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT", "key", "KEY");
        redis.command("CONFIG", "RESETSTAT");

        List<Answer> answers =
                store.readTogether(Collections.nCopies(64, "a.example").toArray(String[]::new));

        assertThat(answers).hasSize(64).containsOnly(new Answer(pair("CERT", "KEY"), new Nothing()));
        assertThat(calls("eval")).isEqualTo(1);
    }

    @Test
    void answersManyNamesOfOneTurnEachWithItsOwn() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            names.add("h" + i + ".example");
            redis.command("HSET", "tls:h" + i + ".example", "certificate", "CERT " + i, "key", "KEY");
        }

        List<Answer> answers = store.readTogether(names.toArray(String[]::new));

        for (int i = 0; i < 200; i++) {
            assertThat(answers.get(i).exact()).isEqualTo(pair("CERT " + i, "KEY"));
        }
    }

    @Test
    void asksNoMoreWhileTooMuchIsUnanswered() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            names.add("h" + i + ".example");
        }

        List<Answer> answers = store.readTogether(names.toArray(String[]::new));

        assertThat(answers.subList(0, 1_000)).extracting(Answer::unavailable).containsOnlyNulls();
        assertThat(answers.subList(1_000, 1_500))
                .extracting(Answer::unavailable)
                .containsOnly("Redis does not keep up");
        assertThat(store.read("a.example").unavailable()).isNull();
    }

    @Test
    void prefixesTheKey() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT", "key", "KEY");
        redis.command("HSET", "caf\u00e9:tls:a.example", "certificate", "CERT of ours", "key", "KEY");

        try (CertificatesOnLoop prefixed = CertificatesOnLoop.connected(redis, "caf\u00e9:")) {
            assertThat(prefixed.read("a.example").exact()).isEqualTo(pair("CERT of ours", "KEY"));
        }
    }

    @Test
    void needsOneCommandAndItsKeys() {
        redis.command("HSET", "tls:a.example", "certificate", "CERT", "key", "KEY");
        redis.command(
                "ACL", "SETUSER", "default", "resetkeys", "~tls:*", "-@all", "+ping", "+client", "+hmget", "+acl");
        try (CertificatesOnLoop restricted = CertificatesOnLoop.connected(redis, "")) {
            assertThat(restricted.read("a.example").exact()).isEqualTo(pair("CERT", "KEY"));
        } finally {
            redis.command("ACL", "SETUSER", "default", "allkeys", "+@all");
        }
    }

    @Test
    void saysOnceThatItMayNotAsk() {
        redis.command("ACL", "SETUSER", "default", "-hmget");
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(store.read("a.example").unavailable()).startsWith("NOPERM");
            }
        } finally {
            redis.command("ACL", "SETUSER", "default", "+hmget");
        }

        assertThat(log.linesWith("Redis cannot answer for certificates: NOPERM"))
                .hasSize(1);
        assertThat(store.read("a.example").unavailable()).isNull();
    }

    @Test
    void waitsForTheConnectionToComeBack() {
        try (TestRedis other = TestRedis.start();
                CertificatesOnLoop away = CertificatesOnLoop.connected(other, "", Duration.ofSeconds(20))) {
            other.stop();
            log.await("connection lost");
            var answers = away.begin("a.example", "b.example", "a.example");

            other.restart();

            assertThat(CertificatesOnLoop.await(answers))
                    .allSatisfy(answer -> assertThat(answer.unavailable()).isNull());
        }
    }

    @Test
    void asksAgainWhenTheConnectionBreaksUnderALookup() {
        try (TestRedis other = TestRedis.start();
                CertificatesOnLoop broken = CertificatesOnLoop.connected(other, "", Duration.ofSeconds(20))) {
            other.pause();
            var answers = broken.begin("a.example", "b.example");
            other.stop();
            log.await("connection lost");

            other.restart();

            assertThat(CertificatesOnLoop.await(answers))
                    .allSatisfy(answer -> assertThat(answer.unavailable()).isNull());
        }
    }

    @Test
    void waitsInVainWhileRedisIsAway() {
        try (TestRedis other = TestRedis.start();
                CertificatesOnLoop away = CertificatesOnLoop.connected(other, "")) {
            other.stop();

            log.await("connection lost");

            assertThat(away.read("a.example").unavailable()).isEqualTo("Redis is not connected");
        }
    }

    @Test
    void givesAConnectionUpThatSaysNothing() {
        try (TestRedis other = TestRedis.start();
                CertificatesOnLoop stalled = CertificatesOnLoop.connected(other, "", Duration.ofMillis(100))) {
            other.pause();

            await().pollInterval(Duration.ofMillis(20)).until(() -> {
                stalled.begin("a.example");
                return !log.linesWith("no answer any more").isEmpty();
            });

            other.resume();
        }
    }

    private static Stored pair(String certificate, String key) {
        return new Pair(new PemPair(certificate, key));
    }

    private static int calls(String command) {
        Matcher calls = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)").matcher(redis.info("commandstats"));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }
}
