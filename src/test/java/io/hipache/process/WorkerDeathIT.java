package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Under load, workers die and hang. No replacement can start before the test lets it: nobody waits for one. */
class WorkerDeathIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;

    private final Path folder;
    private final Path hold;

    WorkerDeathIT(@TempDir Path folder) {
        this.folder = folder;
        this.hold = folder.resolve("hold");
    }

    @Test
    void servesNewConnectionsWhileTheReplacementOfAKilledWorkerStarts() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2, "held-worker");
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            awaitMore(load, 100);
            Files.createFile(hold);

            signal("KILL", program.anyWorker());
            awaitMore(load, 500);

            assertThat(program.output().split("is ready", -1)).hasSize(3);
            assertThat(load.failures()).hasSizeLessThanOrEqualTo(CLIENTS);
            Files.delete(hold);
            program.awaitOutput("is ready", 3);
            assertThat(program.workers()).hasSize(2);
        }
    }

    @Test
    void losesOnlyWhatIsInFlightWhenWorkersAreKilledOneAfterTheOther() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            for (int kill = 1; kill <= 3; kill++) {
                awaitMore(load, 50);
                signal("KILL", program.anyWorker());
                program.awaitOutput("is ready", 2 + kill);
            }
            awaitMore(load, 50);

            assertThat(load.failures()).hasSizeLessThanOrEqualTo(3 * CLIENTS);
        }
    }

    @Test
    void replacesAHangingWorkerWithinTenSecondsAndServesItsConnectionsBeforeThat() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2, "held-worker");
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            awaitMore(load, 100);
            Files.createFile(hold);
            long victim = program.anyWorker();
            long stopped = System.nanoTime();

            signal("STOP", victim);
            program.awaitOutput("worker #" + victim + " does not answer and is killed", 1);
            assertThat(Duration.ofNanos(System.nanoTime() - stopped)).isLessThan(Duration.ofSeconds(10));
            awaitMore(load, 500);

            assertThat(load.failures()).hasSizeLessThanOrEqualTo(CLIENTS);
            Files.delete(hold);
            program.awaitOutput("is ready", 3);
            await().atMost(PATIENCE).until(() -> !program.workers().contains(victim));
            assertThat(program.workers()).hasSize(2);
        }
    }

    private static void awaitMore(Load load, int requests) {
        long before = load.answered();
        await().atMost(PATIENCE).until(() -> load.answered() >= before + requests);
    }
}
