package io.hipache.process;

import static io.hipache.process.RunningProgram.answerNow;
import static io.hipache.process.RunningProgram.canListenOn;
import static io.hipache.process.RunningProgram.signal;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;

    SupervisorIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void sharesOnePortAmongAllWorkers() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 3)) {
            Set<Long> answered = new HashSet<>();

            await().atMost(PATIENCE).until(() -> {
                answered.add(program.get());
                return answered.size() == 3;
            });

            assertThat(program.workers()).isEqualTo(answered);
        }
    }

    @Test
    void replacesAKilledWorkerWithoutRefusingAnyone() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            Set<Long> before = program.workers();
            long killed = program.anyWorker();

            signal("KILL", killed);
            for (int i = 0; i < 20; i++) {
                assertThat(program.get()).isNotEqualTo(killed);
            }
            program.awaitOutput("is ready", 3);

            assertThat(program.workers()).hasSize(2).doesNotContain(killed).isNotEqualTo(before);
            assertThat(program.output())
                    .containsPattern("worker #" + killed + " died \\(exit code 137\\), replaced by worker #\\d+");
        }
    }

    @Test
    void theCompilersOfAWorkerGiveWayToThoseWhoServe() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            Map<String, Integer> nice = niceOfThreads(program.anyWorker());

            assertThat(nice).containsEntry("C1 CompilerThre", 5).containsEntry("C2 CompilerThre", 5);
            assertThat(nice).anySatisfy((thread, value) -> {
                assertThat(thread).startsWith("loop-");
                assertThat(value).isZero();
            });
        }
    }

    /** The nice values of a process's threads, by their names (proc_pid_stat(5), field 19). */
    private static Map<String, Integer> niceOfThreads(long process) throws IOException {
        Map<String, Integer> nice = new HashMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process + "/task"))) {
            for (Path thread : threads.toList()) {
                String stat;
                try {
                    stat = Files.readString(thread.resolve("stat"));
                } catch (NoSuchFileException e) {
                    // the thread has ended
                    continue;
                }
                int end = stat.lastIndexOf(')');
                nice.put(
                        stat.substring(stat.indexOf('(') + 1, end),
                        Integer.parseInt(stat.substring(end + 2).split(" ", -1)[16]));
            }
        }
        return nice;
    }

    @Test
    void endsEverythingOnSigterm() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            int port = program.port();
            assertThat(program.workers()).hasSize(2);
            program.get();

            signal("TERM", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            program.awaitNoOrphan();
            assertThat(canListenOn(port)).isTrue();
            assertThat(RunningProgram.accessLog(folder)).content().hasLineCount(1);
        }
    }

    @Test
    void finishesWhatIsInFlightBeforeItEnds() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            signal("TERM", program.process().pid());
            program.awaitOutput("stopping", 1);

            assertThat(answerNow(slow)).isPositive();
            assertThat(program.awaitExit()).isZero();
            assertThat(RunningProgram.accessLog(folder)).content().hasLineCount(1);
        }
    }

    @Test
    void respawnsNothingOnCtrlC() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            for (long worker : program.workers()) {
                signal("INT", worker);
            }
            signal("INT", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            program.awaitNoOrphan();
            assertThat(program.output()).doesNotContain("replaced");
        }
    }

    @Test
    void endsAtOnceOnASecondSignalThatIsNotTheEchoOfTheFirst() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket endless = program.askAndHold()) {
            program.workers();

            signal("TERM", program.process().pid());
            program.awaitOutput("stopping", 1);
            signal("TERM", program.process().pid());
            program.awaitOutput("stopping already", 1);
            RunningProgram.signalUntilEnded("TERM", program.process().toHandle());

            assertThat(program.awaitExit()).isEqualTo(1);
            program.awaitNoOrphan();
            assertThat(endless.isConnected()).isTrue();
        }
    }

    @Test
    void leavesNoOrphanWhenItIsKilled() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Socket endless = program.askAndHold()) {
            int port = program.port();
            assertThat(program.workers()).hasSize(2);

            signal("KILL", program.process().pid());

            program.awaitNoOrphan();
            assertThat(canListenOn(port)).isTrue();
            assertThat(endless.isConnected()).isTrue();
        }
    }

    @Test
    void leavesNoStoppedWorkerBehindEither() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            int port = program.port();
            assertThat(program.workers()).hasSize(2);

            signal("STOP", program.anyWorker());
            signal("KILL", program.process().pid());

            program.awaitNoOrphan();
            assertThat(canListenOn(port)).isTrue();
        }
    }

    @Test
    void replacesNobodyWhereTheWholeGroupGetsSigterm() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            List<Long> all = new ArrayList<>(program.workers());
            all.add(program.process().pid());

            // the workers first: they must not be quicker than the supervisor
            assertThat(new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    "kill -TERM "
                                            + all.stream().map(String::valueOf).collect(joining(" ")))
                            .start()
                            .waitFor())
                    .isZero();

            assertThat(program.awaitExit()).isZero();
            assertThat(program.output()).contains("SIGTERM: stopping").doesNotContain("is being replaced");
        }
    }

    @Test
    void letsAWorkerThatGetsSigtermFinishAndReplacesIt() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1);
                Socket slow = program.askAndHold()) {
            long leaving = program.anyWorker();

            signal("TERM", leaving);
            program.awaitOutput("leaving", 1);
            program.awaitOutput("is ready", 2);
            long next = program.get();

            assertThat(next).isNotEqualTo(leaving);
            assertThat(answerNow(slow)).isEqualTo(leaving);
            program.awaitOutput("worker #" + leaving + " has ended", 1);
            assertThat(program.workers()).containsExactly(next);
        }
    }

    @Test
    void ignoresSignalsOfLogRotationInWorkers() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            long worker = program.anyWorker();

            for (String name : new String[] {"USR1", "USR2", "HUP", "INT"}) {
                signal(name, worker);
            }

            assertThat(program.get()).isEqualTo(worker);
        }
    }

    @Test
    void reopensTheAccessLogOnSigusr1() throws Exception {
        Path accessLog = RunningProgram.accessLog(folder);
        Path rotated = folder.resolve("access.log.1");
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            program.get();
            await().atMost(PATIENCE).until(() -> Files.size(accessLog) > 0);
            Files.move(accessLog, rotated);

            signal("USR1", program.process().pid());
            await().atMost(PATIENCE).until(() -> Files.exists(accessLog));
            program.get();

            await().atMost(PATIENCE).until(() -> Files.size(accessLog) > 0);
            assertThat(rotated).content().hasLineCount(1);
        }
    }

    @Test
    void reportsAPortInUseAndStartsNothing() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProgram program = RunningProgram.start(folder, 2, other.getLocalPort(), "worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output())
                    .containsOnlyOnce(
                            "cannot listen on http://127.0.0.1:" + other.getLocalPort() + ": the port is in use")
                    .doesNotContain("worker #");
        }
        assertThat(RunningProgram.accessLog(folder))
                .as("made by a start that failed")
                .doesNotExist();
    }

    @Test
    void saysOnceWhyNoWorkerCanStart() throws Exception {
        try (RunningProgram program = RunningProgram.start(folder, 2, 0, "refusing-worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output()).containsOnlyOnce("cannot start: cannot read the certificate");
        }
    }

    @Test
    void givesUpWhenWorkersDieAtTheirStart() throws Exception {
        try (RunningProgram program = RunningProgram.start(folder, 2, 0, "unknown-worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output())
                    .containsOnlyOnce("cannot start: worker #")
                    .contains("died (exit code 3)");
        }
    }

    @Test
    void endsAWorkerThatPrintsInsteadOfSpeaking() throws Exception {
        try (RunningProgram program = RunningProgram.start(folder, 1, 0, "printing-worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output())
                    .contains("is killed, its messages cannot be read: instead of a message it wrote "
                            + "\"Hello, this is no message\"");
        }
    }

    @Test
    void showsTheLastWordsOfAJavaRuntimeThatIsOutOfMemory() throws Exception {
        try (RunningProgram program = RunningProgram.start(folder, 1, 0, "greedy-worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output())
                    .containsPattern(
                            "\\(worker #\\d+\\) \\[warn] Terminating due to java.lang.OutOfMemoryError: Java heap space")
                    .doesNotContain("cannot be read");
        }
    }

    @Test
    void attributesEveryLineThatAWorkerSaysToThatWorker() throws Exception {
        try (RunningProgram program = RunningProgram.start(folder, 1, 0, "forging-worker")) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output().lines())
                    .noneMatch(line -> line.startsWith("22 Nov 08:33:11"))
                    .anyMatch(line ->
                            line.matches(".*\\(worker #\\d+\\) \\[warn] 22 Nov 08:33:11 - listening on http://forged"))
                    .anyMatch(line -> line.endsWith("no\\x0A22 Nov 08:33:11 - reload complete, 9 workers"));
        }
    }

    @Test
    void putsNoSecretOnACommandLine() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            Path commandLine = Path.of("/proc", String.valueOf(program.anyWorker()), "cmdline");

            assertThat(Files.readString(commandLine)).contains("TestProgram").doesNotContain("secret");
        }
    }
}
