package io.hipache.process;

import static io.hipache.process.RunningProgram.answer;
import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of lines and messages while files move, fill up or are not read. */
class LogsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LINE =
            "::1 - - \\[[^]]+] \"GET / HTTP/1\\.1\" 200 \\d+ \"\" \"\" \"\\d+\" 0\\.000 0\\.000";

    private final Path folder;
    private final Path accessLog;

    LogsIT(@TempDir Path folder) {
        this.folder = folder;
        this.accessLog = RunningProgram.accessLog(folder);
    }

    @Test
    void losesAndTearsNoLineWhenTheLogIsRotatedUnderLoad() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = new Load(program.port(), 4)) {
            for (int i = 0; i < 20; i++) {
                await().atMost(PATIENCE).until(() -> Files.exists(accessLog) && Files.size(accessLog) > 0);
                Files.move(accessLog, folder.resolve("access.log." + i));
                signal("USR1", program.process().pid());
            }
            long answered = load.end();

            signal("TERM", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            assertThat(answered).isGreaterThan(100);
            assertThat(allLines()).hasSize((int) answered).allMatch(line -> line.matches(LINE));
        }
    }

    @Test
    void keepsWholeLinesOfWorkersThatAreKilled() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2);
                Load load = new Load(program.port(), 4)) {
            for (int killed = 1; killed <= 2; killed++) {
                int logged = killed;
                await().atMost(PATIENCE).until(() -> Files.size(accessLog) > 2000L * logged);
                signal("KILL", program.anyWorker());
                program.awaitOutput("is ready", 2 + killed);
            }
            load.end();

            signal("TERM", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            assertThat(allLines()).isNotEmpty().allMatch(line -> line.matches(LINE));
        }
    }

    @Test
    void answersWhileTheDiskIsFullAndSaysWhatWasLost() throws Exception {
        Files.createSymbolicLink(accessLog, Path.of("/dev/full"));
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            for (int i = 0; i < 50; i++) {
                program.get();
            }
            program.awaitOutput("cannot write to the access log, lines are lost: No space left on device", 1);
            Files.delete(accessLog);
            signal("USR1", program.process().pid());
            await().atMost(PATIENCE).until(() -> Files.exists(accessLog));
            program.get();

            program.awaitOutput("the access log can be written again", 1);
            signal("TERM", program.process().pid());
            assertThat(program.awaitExit()).isZero();
            String said = program.output();
            int lost = Integer.parseInt(said.replaceAll("(?s).*written again, (\\d+) lines were lost.*", "$1"));
            assertThat(lost + allLines().size()).isEqualTo(51);
        }
    }

    @Test
    void startsAndAnswersWithAPipeThatNobodyReads() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", accessLog.toString()).start().waitFor())
                .isZero();
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 1)) {
            for (int i = 0; i < 2000; i++) {
                program.get();
            }

            signal("TERM", program.process().pid());
            assertThat(program.awaitExit()).isZero();
        }
    }

    @Test
    void writesTheMessagesOfAllProcessesToAFileAndReopensIt() throws Exception {
        Path log = folder.resolve("hipache.log");
        Path rotated = folder.resolve("hipache.log.1");
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2, "\"log\": \"" + log + "\"", log)) {
            int port = RunningProgram.portIn(Files.readString(log));
            Files.move(log, rotated);
            signal("USR1", program.process().pid());
            await().atMost(PATIENCE).until(() -> Files.exists(log));

            long asked;
            try (Socket socket = RunningProgram.ask(port, 0)) {
                asked = answer(socket);
            }
            await().atMost(PATIENCE).until(() -> Files.readString(log).contains("a stray print"));
            signal("TERM", asked);
            await().atMost(PATIENCE).until(() -> Files.readString(log).contains("leaving"));
            signal("TERM", program.process().pid());

            assertThat(program.awaitExit()).isZero();
            assertThat(rotated).content().contains("listening on", "is ready");
            assertThat(log).content().contains("leaving", "SIGTERM: stopping").doesNotContain("listening on");
            assertThat(program.output()).isEmpty();
        }
    }

    @Test
    void refusesALogThatCannotBeOpened() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        try (RunningProgram program = RunningProgram.startWith(folder, "\"log\": \"" + file + "/hipache.log\"")) {

            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.output())
                    .contains("cannot start: cannot open the log " + file + "/hipache.log: not a folder");
        }
    }

    private List<String> allLines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("access.log"))
                    .toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    /** Clients that ask one question after the other until the end; one that gets no answer counts for nothing. */
    private static final class Load implements AutoCloseable {
        private final ExecutorService clients;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Future<Long>> answered = new ArrayList<>();

        Load(int port, int count) {
            clients = Executors.newFixedThreadPool(count);
            for (int i = 0; i < count; i++) {
                answered.add(clients.submit(() -> ask(port)));
            }
        }

        private long ask(int port) {
            long count = 0;
            while (!ended.get()) {
                try (Socket socket = RunningProgram.ask(port, 0)) {
                    answer(socket);
                    count++;
                } catch (IOException | AssertionError | RuntimeException e) {
                    // the worker was killed
                    assertThat(e).isNotNull();
                }
            }
            return count;
        }

        /** How many answers there were. */
        long end() throws Exception {
            ended.set(true);
            long sum = 0;
            for (Future<Long> count : answered) {
                sum += count.get();
            }
            return sum;
        }

        @Override
        public void close() {
            ended.set(true);
            clients.shutdown();
        }
    }
}
