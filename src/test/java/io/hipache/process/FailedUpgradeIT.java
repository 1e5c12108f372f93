package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.supervisor.SupervisorRequest;
import io.hipache.testing.ServiceManager;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upgrades that come to nothing, and clients that do not notice. */
class FailedUpgradeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;
    private static final String FAILED = "the upgrade has failed, nothing changes";

    private final Path folder;

    FailedUpgradeIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void theOldOneGoesOnWhenTheNewOneCannotReadItsConfiguration() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            Set<Long> workers = program.workers();
            program.writeNonsense();

            signal("USR2", program.process().pid());
            program.awaitOutput(FAILED + ": the new supervisor ended with exit code", 1);

            assertThat(program.count("is started")).isEqualTo(1);
            assertThat(program.successors()).noneMatch(ProcessHandle::isAlive);
            assertThat(program.workers()).isEqualTo(workers);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void theOldOneGoesOnWhenTheNewOneCannotHaveAPort() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {

            SupervisorRequest.Outcome outcome = program.upgradeInVain(1, 0, other.getLocalPort());

            assertThat(outcome.complete()).isFalse();
            assertThat(outcome.lines().get(0))
                    .startsWith(FAILED + ": cannot listen on http://127.0.0.1:" + other.getLocalPort());
            assertThat(program.get()).isPositive();
        }
    }

    @Test
    void theOldOneGoesOnWithEverySocketWhenTheNewOneIsKilledAndCanBeFollowedLater() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1, "held-worker");
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            int port = program.port();
            ProcessHandle old = program.process().toHandle();
            Path hold = Files.createFile(folder.resolve("hold"));
            ProcessHandle killed = program.upgrade(old, 3, 0);
            program.awaitOutput("takes over", 1);
            await().atMost(PATIENCE).until(() -> killed.children().count() == 3);

            SupervisorRequest.Outcome refused = SupervisorRequest.upgrade(old.pid());
            assertThat(refused.complete()).isFalse();
            assertThat(refused.lines()).containsExactly("upgrade refused: another upgrade is under way");
            signal("HUP", old.pid());
            program.awaitOutput("reload refused: an upgrade is under way", 1);
            signal("KILL", killed.pid());
            program.awaitOutput(FAILED, 1);

            for (int i = 0; i < 30; i++) {
                assertThat(program.get(port)).isPositive();
            }
            Files.delete(hold);
            ProcessHandle next = program.beginUpgrade(old);
            await().atMost(PATIENCE).until(() -> !old.isAlive());
            assertThat(next.children()).hasSize(3);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void theNewOneGoesOnWhenTheOldOneIsKilled() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1, "held-worker")) {
            int port = program.port();
            long before = program.anyWorker();
            Path hold = Files.createFile(folder.resolve("hold"));
            ProcessHandle next = program.beginUpgrade(program.process().toHandle());
            // a child before that is the test of the workers' rights
            program.awaitOutput("takes over", 1);
            await().atMost(PATIENCE).until(() -> next.children().count() == 1);

            signal("KILL", program.process().pid());
            Files.delete(hold);
            await().atMost(PATIENCE).until(() -> program.get(port) != before);

            assertThat(next.children()).hasSize(1);
            await().atMost(PATIENCE).until(() -> program.count("upgrade complete") == 1);
        }
    }

    @Test
    void bothEndWhenTheOldOneIsToldToStopInTheMiddle() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1, "held-worker")) {
            Files.createFile(folder.resolve("hold"));
            ProcessHandle next = program.beginUpgrade(program.process().toHandle());
            program.awaitOutput("takes over", 1);

            signal("TERM", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            await().atMost(PATIENCE).until(() -> !next.isAlive());
            assertThat(RunningProgram.canListenOn(program.port())).isTrue();
        }
    }

    @Test
    void nobodyFollowsAProcessThatIsNoSupervisor() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();

        Process next = follow(other.pid());

        assertThat(next.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(next.exitValue()).isEqualTo(1);
        assertThat(new String(next.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("cannot start: cannot take over from process " + other.pid()
                        + ": it is not a supervisor of Hipache that this user can take over from");
        other.destroy();
    }

    @Test
    void nobodyButItsOwnSuccessorFollowsAService() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(folder, 1, Map.of("NOTIFY_SOCKET", socket))) {
            manager.await("READY=1");

            Process next = follow(program.process().pid());

            assertThat(next.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(next.exitValue()).isEqualTo(1);
            assertThat(program.output())
                    .contains("send SIGUSR2 to process " + program.process().pid());
            assertThat(program.get()).isPositive();
        }
    }

    @Test
    void whoComesByItselfTakesOverToo() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            int port = program.port();
            Process next = follow(program.process().pid());
            try {
                assertThat(program.awaitExit()).isZero();

                assertThat(program.get(port)).isPositive();
                assertThat(next.children()).hasSize(1);
            } finally {
                next.children().forEach(ProcessHandle::destroyForcibly);
                next.destroyForcibly();
            }
        }
    }

    private Process follow(long pid) throws IOException {
        Path config = folder.resolve("config.json");
        if (!Files.exists(config)) {
            Files.writeString(config, "{\"server\": {\"accessLog\": \"-\", \"port\": " + TestRedis.freePort() + "}}");
        }
        List<String> command = new ArrayList<>(RunningProgram.command(config, "worker"));
        command.addAll(List.of("--upgrade", String.valueOf(pid)));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
