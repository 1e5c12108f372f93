package io.hipache.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import io.hipache.testing.SilentAddress;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks of a machine that may be cut off itself. To these checks all addresses are those of other machines. */
class LostNetworkTest {

    private static final String TIMEOUT = "'timeout': 0.3";
    private static final String DOUBT = "this machine may have lost its network";

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @BeforeEach
    void emptyStore() {
        redis.flush();
    }

    @Test
    void marksNobodyWhileItHearsOfNobodyAndSaysSoOnce() {
        try (SilentAddress one = new SilentAddress("127.0.0.2");
                SilentAddress two = new SilentAddress("127.0.0.3");
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.amongOthers(redis, TIMEOUT)) {
            redis.rpush("frontend:a.example", "id", one.url(), two.url());
            redis.rpush("frontend:b.example", "id", two.url(), one.url());

            checks.hear("a.example", one.url() + "/", 0, 2);
            checks.hear("a.example", two.url() + "/", 1, 2);
            checks.hear("b.example", two.url() + "/", 0, 2);
            log.await(DOUBT);
            assertThat(redis.exists("dead:a.example")).isFalse();
            assertThat(redis.exists("dead:b.example")).isFalse();

            // a refusal is heard as well
            one.refuse();
            checks.awaitMark("a.example", 0);
            log.await("can be reached again");
            two.refuse();
            checks.awaitMark("a.example", 1);
            checks.awaitMark("b.example", 0);
            assertThat(log.linesWith(DOUBT)).hasSize(1);
        }
    }

    @Test
    void marksASilentBackendWhenAnotherOneOfItsListIsHeard() {
        try (SilentAddress silent = new SilentAddress("127.0.0.2");
                TestBackend alive = TestBackend.start();
                RecordedLog log = RecordedLog.of("io.hipache.checker");
                RunningChecks checks = RunningChecks.amongOthers(redis, TIMEOUT)) {
            redis.rpush("frontend:a.example", "id", silent.url(), alive.url());

            checks.hear("a.example", silent.url() + "/", 0, 2);

            checks.awaitMark("a.example", 0);
            assertThat(log.linesWith(DOUBT)).isEmpty();
        }
    }

    @Test
    void marksTheOnlyMachineThatItKnows() {
        try (SilentAddress silent = new SilentAddress("127.0.0.2");
                RunningChecks checks = RunningChecks.amongOthers(redis, TIMEOUT)) {
            redis.rpush("frontend:a.example", "id", silent.url(), "http://127.0.0.2:2");

            checks.hear("a.example", silent.url() + "/", 0, 2);

            checks.awaitMark("a.example", 0);
        }
    }
}
