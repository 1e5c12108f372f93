package io.hipache.dev;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import redis.embedded.core.ExecutableProvider;

/** A real Redis for {@code --dev}. Its program comes from a jar, and its folder is deleted when it ends. */
final class EmbeddedRedis {
    private static final int START_MILLIS = 10_000;
    private static final int COMMAND_MILLIS = 2_000;

    /**
     * A shell that keeps Redis running. The shell ends Redis when its own standard input closes, so that Redis never
     * outlives this process, however this process ends. Then it deletes the folder. Ctrl-C does not reach Redis, which
     * would end while requests are still in flight. A signal for the whole process group must not end the shell: nobody would
     * be left to end Redis, which is in a group of its own.
     */
    private static final String KEEPER =
            """
            trap '' HUP INT TERM
            exec 3<&0
            (trap - HUP TERM; exec $(command -v setsid) "$0" "$@") </dev/null 3<&- &
            redis=$!
            { cat <&3 >/dev/null; kill "$redis"; } 2>/dev/null &
            exec 3<&-
            wait "$redis"
            rm -rf -- "$REDIS_FOLDER"
            """;

    private final Process keeper;
    private final Path folder;
    private final int port;

    private EmbeddedRedis(Process keeper, Path folder, int port) {
        this.keeper = keeper;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts Redis and waits until it answers.
     *
     * @param wanted 0 for a free port
     */
    static EmbeddedRedis start(int wanted) throws IOException {
        requireTheJar();
        int port = free(wanted);
        Path folder = Files.createTempDirectory("hipache-redis-");
        ProcessBuilder builder = new ProcessBuilder(command(
                        ExecutableProvider.newJarResourceProvider(folder.toFile())
                                .get(),
                        folder,
                        port))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("redis.log").toFile());
        builder.environment().put("REDIS_FOLDER", folder.toString());
        EmbeddedRedis redis = new EmbeddedRedis(builder.start(), folder, port);
        try {
            redis.awaitAnswer();
            return redis;
        } catch (IOException e) {
            redis.stop();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** Sends one command, words in a line, and returns the first line of the reply. */
    String command(String line) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(loopback(), port), COMMAND_MILLIS);
            socket.setSoTimeout(COMMAND_MILLIS);
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String reply = replies.readLine();
            if (reply == null || reply.startsWith("-")) {
                throw new IOException("Redis answers " + reply + " to " + line);
            }
            return reply;
        }
    }

    /** May be called more than once. */
    void stop() {
        try {
            keeper.getOutputStream().close();
            if (!keeper.waitFor(5, TimeUnit.SECONDS)) {
                keeper.descendants().forEach(ProcessHandle::destroyForcibly);
                keeper.destroyForcibly();
            }
        } catch (IOException e) {
            keeper.descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitAnswer() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        while (true) {
            try {
                command("PING");
                return;
            } catch (IOException e) {
                if (!keeper.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("the embedded Redis does not start on port " + port + ": " + lastWords(), e);
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

    private String lastWords() {
        try (Stream<String> lines = Files.lines(folder.resolve("redis.log"))) {
            return lines.reduce("its log is empty", (first, second) -> second.isBlank() ? first : second);
        } catch (IOException e) {
            return "it has no log";
        }
    }

    /** Comes first, while there is nothing to clean up yet. */
    private static void requireTheJar() throws IOException {
        try {
            Class.forName("redis.embedded.core.ExecutableProvider");
        } catch (ClassNotFoundException e) {
            throw new IOException(
                    "--dev needs the embedded Redis, which is not part of an installation:"
                            + " run scripts/hipache --dev in the source tree",
                    e);
        }
    }

    private static List<String> command(File executable, Path folder, int port) {
        return List.of(
                "/bin/sh",
                "-c",
                KEEPER,
                executable.getPath(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                folder.toString());
    }

    private static int free(int wanted) throws IOException {
        try (ServerSocket probe = new ServerSocket(wanted, 1, loopback())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IOException("port " + wanted + " for Redis is not free: " + e.getMessage(), e);
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
}
