package io.hipache.process;

import static io.hipache.process.RunningProgram.answerNow;
import static io.hipache.process.RunningProgram.canListenOn;
import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP, with clients that check every answer. */
class ReloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;

    private final Path folder;

    ReloadIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void keepsEveryWorkerAndFailsNobody() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            Set<Long> before = program.workers();

            for (int reload = 1; reload <= 3; reload++) {
                program.reload(2, 0);
                program.awaitOutput("reload complete, 2 workers, no process was replaced", reload);
            }

            assertThat(program.workers()).isEqualTo(before);
            assertThat(load.answered()).isPositive();
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void replacesTheWorkersForAKeyThatOnlyNewProcessesCanFollow() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            Set<Long> before = program.workers();

            program.reloadWith("\"memoryLimit\": 300", 2);
            program.awaitOutput("reload complete, 2 workers, 2 processes were replaced (server.memoryLimit)", 1);
            await().atMost(PATIENCE).until(() -> program.workers().size() == 2);

            assertThat(program.workers()).doesNotContainAnyElementsOf(before);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void changesTheNumberOfWorkersUpAndDown() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            Set<Long> before = program.workers();
            program.reload(3, 0);
            program.awaitOutput("reload complete, 3 workers", 1);
            assertThat(program.workers()).hasSize(3).containsAll(before);

            program.reload(1, 0);
            program.awaitOutput("reload complete, 1 worker", 1);
            await().atMost(PATIENCE).until(() -> program.workers().size() == 1);

            long only = program.anyWorker();
            assertThat(before).contains(only);
            for (int i = 0; i < 20; i++) {
                assertThat(program.get()).isEqualTo(only);
            }
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void changesNothingWhileAWorkerHangs() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            long stopped = program.anyWorker();
            signal("STOP", stopped);

            program.reload(3, 0);
            program.awaitOutput("the configuration stays as it was", 1);
            signal("CONT", stopped);

            assertThat(program.output())
                    .contains("reload refused: worker #" + stopped
                            + " has not prepared the new configuration within 7 s");
            assertThat(program.workers()).hasSize(2).contains(stopped);
        }
    }

    @Test
    void tellsWhoAskedWhatBecameOfIt() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            Process complete = program.askForReload();
            assertThat(outputOf(complete)).contains("reload complete, 1 worker, no process was replaced");
            assertThat(complete.exitValue()).isZero();

            Process json = RunningProgram.askForReload(program.process().pid(), "--json");
            assertThat(outputOf(json))
                    .contains("\"pid\" : " + program.process().pid())
                    .contains("\"done\" : true")
                    .contains("\"messages\" : [ \"reload complete, 1 worker, no process was replaced\" ]");
            assertThat(json.exitValue()).isZero();
        }
    }

    @Test
    void tellsWhoAskedWhyItWasRefused() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            program.writeNonsense();

            Process refused = program.askForReload();

            assertThat(outputOf(refused))
                    .contains("hipache: reload refused: server.workers: expected a whole number of at least 1")
                    .contains("hipache: reload refused: server.port:")
                    .contains("hipache: the configuration stays as it was");
            assertThat(refused.exitValue()).isEqualTo(1);
        }
    }

    private static String outputOf(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return output;
    }

    @Test
    void addsAndRemovesPorts() throws Exception {
        int added = TestRedis.freePort();
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            int kept = program.port();

            program.reload(2, 0, added);
            program.awaitOutput("reload complete", 1);
            assertThat(program.get(added)).isPositive();
            assertThat(program.get(kept)).isPositive();

            program.reload(2, 0);
            program.awaitOutput("reload complete", 2);
            await().atMost(PATIENCE).until(() -> canListenOn(added));
            assertThat(program.get(kept)).isPositive();
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void movesTheAccessLogAndLosesNoLine() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            Path config = folder.resolve("config.json");
            Path moved = folder.resolve("moved.log");
            program.get();
            await().atMost(PATIENCE).until(() -> Files.size(RunningProgram.accessLog(folder)) > 0);

            Files.writeString(config, Files.readString(config).replace("access.log", "moved.log"));
            signal("HUP", program.process().pid());
            program.awaitOutput("reload complete", 1);
            program.get();

            await().atMost(PATIENCE).until(() -> Files.size(moved) > 0);
            assertThat(RunningProgram.accessLog(folder)).content().hasLineCount(1);
            assertThat(moved).content().hasLineCount(1);
        }
    }

    @Test
    void changesNothingForAConfigurationThatIsWrong() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            long worker = program.anyWorker();

            program.reloadNonsense();
            program.awaitOutput("the configuration stays as it was", 1);

            assertThat(program.output())
                    .contains("reload refused: server.workers: expected a whole number of at least 1")
                    .contains("reload refused: server.port:");
            assertThat(program.workers()).containsExactly(worker);
            assertThat(program.get()).isEqualTo(worker);
        }
    }

    @Test
    void changesNothingWhenAPortIsInUse() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            long worker = program.anyWorker();
            int free = TestRedis.freePort();

            program.reload(1, 0, free, other.getLocalPort());
            program.awaitOutput("the configuration stays as it was", 1);

            assertThat(program.output())
                    .contains("reload refused: cannot listen on http://127.0.0.1:" + other.getLocalPort()
                            + ": the port is in use");
            assertThat(canListenOn(free)).isTrue();
            assertThat(program.get()).isEqualTo(worker);
        }
    }

    @Test
    void letsARequestFinishInTheWorkerThatHasIt() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            long old = program.anyWorker();

            program.reloadWith("\"memoryLimit\": 300", 1);
            program.awaitOutput("reload complete", 1);
            await().atMost(PATIENCE).until(() -> program.get() != old);

            assertThat(answerNow(slow)).isEqualTo(old);
            await().atMost(PATIENCE).until(() -> program.workers().size() == 1);
        }
    }

    @Test
    void doesTheNewestOfSeveralReloads() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            program.reload(2, 0);
            program.reload(3, 0);
            signal("HUP", program.process().pid());

            await().atMost(PATIENCE)
                    .until(() -> program.output().contains("reload complete, 3 workers")
                            && program.workers().size() == 3);
            assertThat(load.failures()).isEmpty();
        }
    }
}
