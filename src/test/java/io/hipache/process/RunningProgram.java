package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.supervisor.SupervisorRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A {@link TestProgram} as its own process, with what it printed. */
final class RunningProgram implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern SUCCESSOR = Pattern.compile("upgrade: supervisor #(\\d+) is started");
    private static final int SOCKET_MILLIS = 20_000;

    private final Process process;
    private final Path output;
    private final Path folder;
    private final List<ProcessHandle> everSeen = new ArrayList<>();

    private RunningProgram(Process process, Path output, Path folder) {
        this.process = process;
        this.output = output;
        this.folder = folder;
    }

    /** @param port 0 for any */
    static RunningProgram start(Path folder, int workers, int port, String kindOfWorker) throws IOException {
        return start(folder, workers, kindOfWorker, "", Map.of(), port);
    }

    /** Starts on several ports and waits until every worker is ready. */
    static RunningProgram startOnPorts(Path folder, int workers, int... ports) throws IOException {
        RunningProgram program = start(folder, workers, "worker", "", Map.of(), ports);
        program.awaitOutput("is ready", workers);
        return program;
    }

    /** @param more of the section {@code server}, with a comma in front */
    private static RunningProgram start(
            Path folder, int workers, String kindOfWorker, String more, Map<String, String> environment, int... ports)
            throws IOException {
        Path config = write(folder, workers, more, "redis://:secret@127.0.0.1:1", ports);
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command(config, kindOfWorker))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return new RunningProgram(builder.start(), output, folder);
    }

    /** The words that start the program. */
    static List<String> command(Path config, String kindOfWorker) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TestProgram.class.getName(),
                "supervisor",
                config.toString(),
                kindOfWorker);
    }

    private static Path write(Path folder, int workers, String more, String driver, int... ports) throws IOException {
        String binds = IntStream.of(ports)
                .mapToObj(port -> "{\"address\": \"127.0.0.1\", \"port\": " + port + "}")
                .collect(Collectors.joining(", "));
        return Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "workers": %d, "staticDir": "%s"%s}, "http": {"bind": [%s]},
                 "driver": "%s", "user": "%s"}
                """
                        .formatted(
                                accessLog(folder),
                                workers,
                                folder,
                                more,
                                binds,
                                driver,
                                System.getProperty("user.name")));
    }

    /** Writes another configuration, as {@link #start} does, and has the program read it. */
    void reload(int workers, int... ports) throws Exception {
        write(folder, workers, "", "redis://127.0.0.1:2", ports);
        signal("HUP", process.pid());
    }

    /** As {@link #reload}, with more of the section {@code server}. */
    void reloadWith(String more, int workers) throws Exception {
        write(folder, workers, ", " + more, "redis://127.0.0.1:2", 0);
        signal("HUP", process.pid());
    }

    /** As {@link #reloadWith}, with another store and one worker. */
    void reloadOn(String driver, String more) throws Exception {
        write(folder, 1, ", " + more, driver, 0);
        signal("HUP", process.pid());
    }

    /** Runs {@code hipache reload} for this program, with standard error in its output. */
    Process askForReload() throws IOException {
        return askForReload(process.pid());
    }

    static Process askForReload(long pid, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("reload", String.valueOf(pid)));
        words.addAll(List.of(options));
        return run(words.toArray(String[]::new));
    }

    /** Runs a command of the command line, with standard error in its output. */
    static Process run(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.hipache.Main"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Writes what is no configuration, and has the program read it. */
    void reloadNonsense() throws Exception {
        writeNonsense();
        signal("HUP", process.pid());
    }

    void writeNonsense() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"server\": {\"workers\": \"five\", \"port\": -1}}");
    }

    /** Starts and waits until every worker is ready. */
    static RunningProgram startAndAwait(Path folder, int workers) throws IOException {
        return startAndAwait(folder, workers, "worker");
    }

    static RunningProgram startAndAwait(Path folder, int workers, String kindOfWorker) throws IOException {
        RunningProgram program = start(folder, workers, 0, kindOfWorker);
        try {
            program.awaitOutput("is ready", workers);
            return program;
        } catch (RuntimeException | AssertionError e) {
            program.close();
            throw e;
        }
    }

    static RunningProgram startAsService(Path folder, int workers, Map<String, String> environment) throws IOException {
        return startAsService(folder, workers, environment, "worker");
    }

    static RunningProgram startAsService(Path folder, int workers, Map<String, String> environment, String kindOfWorker)
            throws IOException {
        return start(folder, workers, kindOfWorker, "", environment, 0);
    }

    static RunningProgram startWith(Path folder, String more) throws IOException {
        return start(folder, 1, "worker", ", " + more, Map.of(), 0);
    }

    /** Starts, with more of the section {@code server}, and waits until {@code log} says that every worker is ready. */
    static RunningProgram startAndAwait(Path folder, int workers, String more, Path log) throws IOException {
        RunningProgram program = start(folder, workers, "worker", ", " + more, Map.of(), 0);
        try {
            await().atMost(PATIENCE)
                    .until(() ->
                            Files.exists(log) && Files.readString(log).split("is ready", -1).length == workers + 1);
            return program;
        } catch (RuntimeException | AssertionError e) {
            program.close();
            throw e;
        }
    }

    static Path accessLog(Path folder) {
        return folder.resolve("access.log");
    }

    int port() {
        return portIn(output());
    }

    static int portIn(String messages) {
        Matcher listening = LISTENING.matcher(messages);
        assertThat(listening.find()).isTrue();
        return Integer.parseInt(listening.group(1));
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "";
        }
    }

    void awaitOutput(String text, int times) {
        await().atMost(PATIENCE).failFast(() -> !process.isAlive()).untilAsserted(() -> assertThat(output())
                .matches(output -> output.split(Pattern.quote(text), -1).length == times + 1, times + " × " + text));
    }

    Set<Long> workers() {
        return process.children().peek(everSeen::add).map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    long anyWorker() {
        return workers().iterator().next();
    }

    Process process() {
        return process;
    }

    /** Every supervisor that an upgrade has started, in order. */
    List<ProcessHandle> successors() {
        return successorsIn(output());
    }

    static List<ProcessHandle> successorsIn(String messages) {
        return SUCCESSOR
                .matcher(messages)
                .results()
                .flatMap(started -> ProcessHandle.of(Long.parseLong(started.group(1))).stream())
                .toList();
    }

    /** Writes another configuration and has the version that is installed take over from {@code supervisor}. */
    ProcessHandle upgrade(ProcessHandle supervisor, int workers, int... ports) throws Exception {
        write(folder, workers, "", "redis://127.0.0.1:2", ports);
        return beginUpgrade(supervisor);
    }

    /** As {@link #upgrade}, with the configuration that is there. */
    ProcessHandle beginUpgrade(ProcessHandle supervisor) throws Exception {
        int before = count("is started");
        signal("USR2", supervisor.pid());
        await().atMost(PATIENCE).until(() -> count("is started") > before);
        List<ProcessHandle> successors = successors();
        return successors.get(successors.size() - 1);
    }

    /** As {@link #upgrade}, for a new supervisor that ends soon, perhaps before anybody could look at it. */
    SupervisorRequest.Outcome upgradeInVain(int workers, int... ports) throws Exception {
        write(folder, workers, "", "redis://127.0.0.1:2", ports);
        return SupervisorRequest.upgrade(process.pid());
    }

    int count(String text) {
        return output().split(Pattern.quote(text), -1).length - 1;
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as(this::output)
                .isTrue();
        return process.exitValue();
    }

    void awaitNoOrphan() {
        await().atMost(PATIENCE).until(() -> everSeen.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Sends a request; the answer is the id of the worker that took it. */
    Socket ask(long delayMillis) throws IOException {
        return ask(port(), delayMillis);
    }

    static Socket ask(int port, long delayMillis) throws IOException {
        return ask(port, String.valueOf(delayMillis));
    }

    /** Sends a request that is not answered before {@link #answerNow}. Returns when a worker has it. */
    Socket askAndHold() throws IOException {
        int before = count("stray print");
        Socket socket = ask(port(), "told");
        awaitOutput("stray print", before + 1);
        return socket;
    }

    /** The answer to {@link #askAndHold}. */
    static long answerNow(Socket held) throws IOException {
        held.getOutputStream().write('!');
        return answer(held);
    }

    private static Socket ask(int port, String target) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SOCKET_MILLIS);
        String request = "GET /" + target + " HTTP/1.1\r\nHost: any\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    static long answer(Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            String response = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n");
            return Long.parseLong(response.substring(response.indexOf("\r\n\r\n") + 4));
        }
    }

    long get() throws IOException {
        return get(port());
    }

    /** As {@link #get()}, on another port. */
    long get(int port) throws IOException {
        try (Socket socket = ask(port, 0)) {
            return answer(socket);
        }
    }

    /** Signals again and again: within a second, a second signal is the echo of the first one. */
    static void signalUntilEnded(String name, ProcessHandle process) {
        await().atMost(PATIENCE).until(() -> {
            if (process.isAlive()) {
                new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
            return !process.isAlive();
        });
    }

    static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid)
                        .start()
                        .waitFor())
                .isZero();
    }

    static boolean canListenOn(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        killAll(successors());
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Stops a program in order, or kills it and its workers when it takes too long. */
    static void end(Process program) throws InterruptedException {
        List<ProcessHandle> workers = program.descendants().toList();
        program.destroy();
        if (!program.waitFor(20, TimeUnit.SECONDS)) {
            program.destroyForcibly();
            workers.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** With their workers. */
    static void killAll(List<ProcessHandle> supervisors) {
        for (ProcessHandle supervisor : supervisors) {
            supervisor.descendants().forEach(ProcessHandle::destroyForcibly);
            supervisor.destroyForcibly();
        }
    }
}
