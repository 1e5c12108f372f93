package io.hipache.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.Misbehaviour;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A proxy and the checks on one Redis. */
class CheckedProxyTest {

    /** The proxy would mark for 30 seconds, the checks mark for 60. */
    @ParameterizedTest
    @CsvSource({
        "a.example, a.example, requested, a.example",
        "*.example, www.example, requested, www.example",
        "*.example, www.example, matched, *.example"
    })
    void theProxyAnnouncesWhatTheChecksMarkAndRevive(String frontend, String host, String deadKey, String marked) {
        TestRedis redis = TestRedis.start();
        try (RunningChecks checks = RunningChecks.on(redis);
                TestHipache hipache = TestHipache.configured(
                        redis,
                        "{'server': {'address': '127.0.0.1', 'port': 1, 'deadKey': '" + deadKey
                                + "'}, 'driver': 'REDIS'}");
                TestBackend down = TestBackend.start().misbehaves(new Misbehaviour.Refuse());
                TestBackend alive = TestBackend.named("alive")) {
            hipache.host(frontend).connects(down, alive);

            RunningChecks.until().until(() -> {
                assertThat(hipache.host(host).gets(200).body()).isEqualTo("alive");
                return checks.isMarked(marked, 0);
            });
            assertThat((Long) redis.command("TTL", "dead:" + marked)).isGreaterThan(31);
            down.answers(Response.ok("back"));

            RunningChecks.until()
                    .until(() -> hipache.host(host).gets(200).body().equals("back"));
            assertThat(redis.exists("dead:" + marked)).isFalse();
        }
    }
}
