package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which supervisor checks the backends. */
class ActiveChecksIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void aReloadTurnsThemOnAnUpgradeHandsThemOverAndAStopEndsThem(@TempDir Path folder) throws Exception {
        try (TestRedis redis = TestRedis.start();
                RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            ProcessHandle old = program.process().toHandle();

            program.reloadOn(redis.url(), "\"activeCheck\": true");
            awaitChecker(redis, old);

            ProcessHandle next = program.beginUpgrade(old);
            awaitChecker(redis, next);
            await().atMost(PATIENCE).until(() -> !old.isAlive());

            RunningProgram.signal("TERM", next.pid());
            await().atMost(PATIENCE).until(() -> !next.isAlive());
            assertThat(redis.exists("hipache:checker")).isFalse();
            assertThat(redis.exists("hchecker_ping")).isFalse();
        }
    }

    /** Elected, and listening. */
    private static void awaitChecker(TestRedis redis, ProcessHandle supervisor) {
        await().atMost(PATIENCE).until(() -> {
            String owner = String.valueOf(redis.command("GET", "hipache:checker"));
            return owner.contains(":" + supervisor.pid() + ":") && redis.exists("hchecker_ping");
        });
    }
}
