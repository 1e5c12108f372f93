package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

    @Test
    void aProcessOfItsOwnChecksWithoutTheProgramAndEndsOnASignal(@TempDir Path folder) throws Exception {
        try (TestRedis redis = TestRedis.start()) {
            Path config = Files.writeString(folder.resolve("config.json"), "{\"driver\": \"" + redis.url() + "\"}");
            String dead = DeadAddress.url();
            redis.rpush("frontend:a.example", "id", dead, "http://127.0.0.1:2");

            Process checker = RunningProgram.run("check", "--watch", "-c", config.toString());
            awaitChecker(redis, checker.toHandle());
            redis.command("PUBLISH", "dead", "a.example;" + dead + "/;0;2");
            await().atMost(PATIENCE).until(() -> redis.exists("dead:a.example"));
            RunningProgram.signal("TERM", checker.pid());

            assertThat(checker.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(checker.exitValue()).isZero();
            assertThat(new String(checker.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("active checks: this process checks the backends of the fleet")
                    .contains("a.example: backend #0 is dead (" + dead + ": checks fail: ECONNREFUSED)");
            assertThat(redis.exists("hipache:checker")).isFalse();
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
