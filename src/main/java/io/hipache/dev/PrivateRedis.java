package io.hipache.dev;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real Redis for {@code --dev}. However this process ends, neither the Redis nor its folder stays behind. */
final class PrivateRedis {
    private static final int START_MILLIS = 10_000;
    private static final int COMMAND_MILLIS = 2_000;
    private static final List<String> PROGRAMS = List.of("redis-server", "valkey-server");

    /**
     * A shell that guards Redis. It makes the folder, and reads the name of the program from this process. When this process
     * ends, by SIGKILL too, the kernel closes the pipe: then the shell ends Redis at once and deletes the folder.
     *
     * <p>The shell has a session of its own (setsid), so that no signal for the process group of this process ends it, and so
     * that Ctrl-C does not end Redis while requests are still in flight. When somebody kills the shell itself, the kernel ends
     * Redis (setpriv, where there is one that can say so).
     */
    private static final String GUARD =
            """
            trap '' HUP INT TERM
            folder=$(mktemp -d "$0/hipache-redis-XXXXXXXX") || exit 1
            echo "$folder"
            if read -r program; then
                with=
                ! setpriv --pdeathsig keep true 2>/dev/null || with='setpriv --pdeathsig KILL'
                exec 3<&0
                (trap - HUP TERM; exec $with "$program" --dir "$folder" "$@") </dev/null 3<&- >"$folder/redis.log" 2>&1 &
                redis=$!
                { cat <&3; kill -KILL "$redis"; } >/dev/null 2>&1 &
                exec 3<&-
                wait "$redis"
                # why it has not started; where it has, its log is gone
                tail -n 5 "$folder/redis.log" 2>/dev/null
            fi
            rm -rf -- "$folder"
            """;

    private final Process guard;
    private final Path folder;
    private final int port;

    private PrivateRedis(Process guard, Path folder, int port) {
        this.guard = guard;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts Redis and waits until it answers.
     *
     * @param wanted 0 for a free port
     * @param path the folders in which a program is looked for, as {@code PATH} has them
     * @throws IOException with a message for the user, which says what to do
     */
    static PrivateRedis start(int wanted, String path) throws IOException {
        Path installed = EmbeddedProgram.isThere() ? null : find(path);
        int port = free(wanted);
        Process guard =
                new ProcessBuilder(command(port)).redirectErrorStream(true).start();
        PrivateRedis redis = new PrivateRedis(guard, folder(guard), port);
        try {
            Path program = installed == null ? EmbeddedProgram.unpackTo(redis.folder) : installed;
            Writer orders = guard.outputWriter();
            orders.write(program + "\n");
            orders.flush();
            redis.awaitAnswer(program);
            // it keeps nothing on disk, and its log has said what it had to say
            deleteAll(redis.folder);
            return redis;
        } catch (IOException e) {
            redis.stop();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** Sends one command, words in a line. Returns the texts of the reply; an error is thrown. */
    List<String> command(String line) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(loopback(), port), COMMAND_MILLIS);
            socket.setSoTimeout(COMMAND_MILLIS);
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            return reply(
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)), line);
        }
    }

    /** Keys and values of the example are texts of one line. */
    private static List<String> reply(BufferedReader replies, String line) throws IOException {
        String first = replies.readLine();
        if (first == null || first.startsWith("-")) {
            throw new IOException("Redis answers " + first + " to " + line);
        }
        if (!first.startsWith("*")) {
            return List.of(first.substring(1));
        }
        List<String> texts = new ArrayList<>();
        for (int rest = Integer.parseInt(first.substring(1)); rest > 0; rest--) {
            String length = replies.readLine();
            String text = length == null ? null : replies.readLine();
            if (text == null) {
                throw new IOException("Redis breaks off its reply to " + line);
            }
            texts.add(text);
        }
        return texts;
    }

    /** May be called more than once. */
    void stop() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(5, TimeUnit.SECONDS)) {
                killAll();
            }
            deleteAll(folder);
        } catch (IOException e) {
            killAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killAll() {
        guard.descendants().forEach(ProcessHandle::destroyForcibly);
        guard.destroyForcibly();
    }

    private void awaitAnswer(Path program) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        String log = "";
        while (true) {
            try {
                command("PING");
                return;
            } catch (IOException e) {
                boolean ended = !guard.isAlive();
                log = ended ? lastWords(log, guard.inputReader().lines()) : lastWords(log);
                if (ended || System.nanoTime() > deadline) {
                    throw new IOException(
                            "Redis (" + program + ") does not start on port " + port + ": "
                                    + (log.isEmpty() ? "it says nothing" : log)
                                    + (log.contains("Permission denied")
                                            ? ". Programs may not run there: set TMPDIR to a folder where they may"
                                            : ""),
                            e);
                }
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String lastWords(String before, Stream<String> lines) {
        return lines.reduce(before, (first, second) -> second.isBlank() ? first : second);
    }

    /** The last line of its log; what was read before where the guard has deleted it. */
    private String lastWords(String before) {
        try (Stream<String> lines = Files.lines(folder.resolve("redis.log"))) {
            return lastWords(before, lines);
        } catch (IOException e) {
            return before;
        }
    }

    private static @Nullable Path find(String path) throws IOException {
        for (String program : PROGRAMS) {
            for (String folder : path.split(File.pathSeparator, -1)) {
                Path file = Path.of(folder, program);
                if (file.isAbsolute() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                    return file;
                }
            }
        }
        throw new IOException(
                "--dev needs a Redis, and there is no redis-server in the PATH. Install one, for example by"
                        + " \"apt-get install --no-install-recommends redis-server\", or run scripts/hipache --dev of the release"
                        + " archive, which has one in it");
    }

    private static Path folder(Process guard) throws IOException {
        String line = guard.inputReader().readLine();
        if (line == null || !line.startsWith("/")) {
            throw new IOException(
                    "a folder for Redis cannot be made: " + line + ". Set TMPDIR to a folder that can be written");
        }
        return Path.of(line);
    }

    private static List<String> command(int port) {
        String temporary = System.getenv("TMPDIR");
        List<String> words = new ArrayList<>();
        if (Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(file -> Files.isExecutable(Path.of(file)))) {
            words.add("setsid");
        }
        words.addAll(List.of("/bin/sh", "-c", GUARD, temporary == null || temporary.isEmpty() ? "/tmp" : temporary));
        words.addAll(
                List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
        return words;
    }

    private static int free(int wanted) throws IOException {
        try (ServerSocket probe = new ServerSocket(wanted, 1, loopback())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IOException(
                    "port " + wanted + " for Redis is not free: " + e.getMessage()
                            + ". Leave --dev-redis-port out, then a free one is chosen",
                    e);
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
}
