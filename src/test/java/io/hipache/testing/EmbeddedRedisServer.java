package io.hipache.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server as a child process: the binary of embedded-redis, or the one that the system property {@code test.redis}
 * names.
 */
final class EmbeddedRedisServer implements RedisServer {

    private final List<String> first;
    private final List<String> last;
    private final int port = FreePorts.next();
    private final Path snapshot = Path.of(System.getProperty("java.io.tmpdir"), "redis-" + port + ".rdb");
    private @Nullable Process process;

    EmbeddedRedisServer(List<String> arguments) {
        this(List.of(), arguments);
    }

    /**
     * Prepares a server. {@link #start} starts it.
     *
     * @param first arguments before the usual ones, such as a configuration file
     * @param last arguments behind the usual ones
     */
    EmbeddedRedisServer(List<String> first, List<String> last) {
        this.first = first;
        this.last = last;
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void start() {
        List<String> command = new ArrayList<>(List.of(Binary.FILE.getPath()));
        command.addAll(first);
        command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
        // a snapshot file of its own: replication writes one, and the next server must not read it
        command.addAll(
                List.of("--dir", System.getProperty("java.io.tmpdir"), "--dbfilename", "redis-" + port + ".rdb"));
        command.addAll(List.of("--rdb-del-sync-files", "yes", "--repl-diskless-sync-delay", "0"));
        command.addAll(last);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
            process = null;
            forgetSnapshot();
        }
    }

    /** Deletes the snapshot. Replication writes one even when persistence is off. */
    private void forgetSnapshot() {
        try {
            Files.deleteIfExists(snapshot);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void pause() {
        signal("-STOP");
    }

    @Override
    public void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        if (process == null) {
            throw new IllegalStateException("Redis does not run");
        }
        try {
            int exit = new ProcessBuilder("kill", signal, "" + process.pid())
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill " + signal + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** The binary, unpacked from its jar once for all tests of a JVM. */
    private static final class Binary {

        private static final File FILE = extract();

        private static File extract() {
            String other = System.getProperty("test.redis");
            if (other != null && !other.isEmpty()) {
                return new File(other);
            }
            try {
                File file = ExecutableProvider.newJarResourceProvider().get();
                file.deleteOnExit();
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
