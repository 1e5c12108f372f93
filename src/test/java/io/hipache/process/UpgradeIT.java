package io.hipache.process;

import static io.hipache.process.RunningProgram.answerNow;
import static io.hipache.process.RunningProgram.canListenOn;
import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.supervisor.SupervisorRequest;
import io.hipache.testing.ServiceManager;
import io.hipache.testing.TestRedis;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGUSR2, with clients that check every answer. */
class UpgradeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;

    private final Path folder;

    UpgradeIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void failsNobodyAndLosesNoLineOfTheLog() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            Set<Long> workers = program.workers();
            ProcessHandle supervisor = program.process().toHandle();
            Load load = Load.on(program.port(), CLIENTS, 5);
            try (load) {
                for (int upgrade = 1; upgrade <= 2; upgrade++) {
                    ProcessHandle old = supervisor;
                    supervisor = program.beginUpgrade(old);
                    await().atMost(PATIENCE).until(() -> !old.isAlive());
                }
            }

            assertThat(load.failures()).isEmpty();
            assertThat(program.process().exitValue()).isZero();
            assertThat(program.count("upgrade complete, 2 workers")).isEqualTo(2);
            assertThat(supervisor.children().map(ProcessHandle::pid)).hasSize(2).doesNotContainAnyElementsOf(workers);
            end(supervisor);
            assertThat(load.answered()).isPositive();
            assertThat(RunningProgram.accessLog(folder)).content().hasLineCount((int) load.answered());
        }
    }

    @Test
    void changesPortsAndTheNumberOfWorkersOnTheWay() throws Exception {
        int removed = TestRedis.freePort();
        int added = TestRedis.freePort();
        try (RunningProgram program = RunningProgram.startOnPorts(folder, 1, 0, removed);
                Load load = Load.on(program.port(), CLIENTS, 5)) {
            int kept = program.port();
            ProcessHandle old = program.process().toHandle();

            ProcessHandle next = program.upgrade(old, 3, 0, added);
            await().atMost(PATIENCE).until(() -> !old.isAlive());
            assertThat(next.children()).hasSize(3);
            assertThat(program.get(kept)).isPositive();
            assertThat(program.get(added)).isPositive();
            assertThat(canListenOn(removed)).isTrue();

            ProcessHandle last = program.upgrade(next, 1, 0);
            await().atMost(PATIENCE).until(() -> !next.isAlive());
            assertThat(last.children()).hasSize(1);
            assertThat(canListenOn(added)).isTrue();
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void letsARequestFinishInTheWorkerThatHasItAndBothSupervisorsReopenTheLog() throws Exception {
        Path accessLog = RunningProgram.accessLog(folder);
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            int port = program.port();
            long oldWorker = program.anyWorker();
            ProcessHandle old = program.process().toHandle();

            SupervisorRequest.Outcome outcome = SupervisorRequest.upgrade(old.pid());

            // nobody waits for the slow request
            assertThat(old.isAlive()).isTrue();
            ProcessHandle next = program.successors().get(0);
            assertThat(outcome.complete()).isTrue();
            assertThat(outcome.lines())
                    .containsExactly("supervisor #" + next.pid() + " has taken over, supervisor #" + old.pid()
                            + " ends after its last requests");
            assertThat(SupervisorRequest.supervisors())
                    .as("whom commands find")
                    .contains(next.pid())
                    .doesNotContain(old.pid());
            program.awaitOutput("upgrade complete", 1);
            // the line says that the old worker is told to retire; it may take one more connection before it does
            await().atMost(PATIENCE).until(() -> program.get(port) != oldWorker);
            await().atMost(PATIENCE).until(() -> Files.size(accessLog) > 0);
            Files.move(accessLog, folder.resolve("access.log.1"));
            signal("USR1", next.pid());

            assertThat(answerNow(slow)).isEqualTo(oldWorker);
            await().atMost(PATIENCE).until(() -> !old.isAlive());
            assertThat(accessLog).content().contains("\"" + oldWorker + "\"").hasLineCount(1);
            assertThat(program.count("access log reopened")).isEqualTo(2);
        }
    }

    @Test
    void theOldOneStopsWhenItIsToldToAndTheNewOneGoesOn() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            int port = program.port();
            ProcessHandle old = program.process().toHandle();
            ProcessHandle next = program.beginUpgrade(old);
            program.awaitOutput("upgrade complete", 1);

            signal("TERM", old.pid());
            signal("TERM", old.pid());
            RunningProgram.signalUntilEnded("TERM", old);
            assertThat(program.count("SIGTERM: ending at once")).isPositive();
            assertThat(slow.isConnected()).isTrue();
            assertThat(program.get(port)).isPositive();
            assertThat(next.children()).hasSize(1);
        }
    }

    @Test
    void theNewOneTakesTheOldOneWithItWhenItIsToldToStop() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            ProcessHandle old = program.process().toHandle();
            ProcessHandle next = program.beginUpgrade(old);
            program.awaitOutput("upgrade complete", 1);

            signal("TERM", next.pid());
            await().atMost(PATIENCE).until(() -> !next.isAlive());

            await().atMost(PATIENCE).until(() -> !old.isAlive());
            assertThat(slow.isConnected()).isTrue();
            assertThat(canListenOn(program.port())).isTrue();
        }
    }

    @Test
    void theServiceManagerIsToldWhoSpeaksNext() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(folder, 1, Map.of("NOTIFY_SOCKET", socket))) {
            manager.await("READY=1");
            ProcessHandle old = program.process().toHandle();

            ProcessHandle next = program.beginUpgrade(old);
            await().atMost(PATIENCE).until(() -> !old.isAlive());
            end(next);

            List<String> firstLines = manager.messages().stream()
                    .map(message -> message.split("\n", 2)[0])
                    .toList();
            assertThat(firstLines)
                    .containsExactly("READY=1", "RELOADING=1", "MAINPID=" + next.pid(), "READY=1", "STOPPING=1");
        }
    }

    private static void end(ProcessHandle supervisor) throws Exception {
        signal("TERM", supervisor.pid());
        await().atMost(PATIENCE).until(() -> !supervisor.isAlive());
    }
}
