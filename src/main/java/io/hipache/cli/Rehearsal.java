package io.hipache.cli;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.process.ClassArchive;
import io.hipache.supervisor.upgrade.Succession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * {@code hipache --make-archive FILE}: runs the ordinary supervisor with one worker, lets that serve a few requests from a
 * store and a backend of its own, and ends both; the JVM of the worker then writes the classes it has loaded to the file,
 * for {@link ClassArchive}. Needs nothing but loopback.
 */
final class Rehearsal {
    /** More than all of it takes on a slow machine, after which there is no archive. */
    private static final long LONGEST_MILLIS = 60_000;

    private static final int PATIENCE_MILLIS = 20_000;
    private static final long RETRY_MILLIS = 20;

    private final ConfigLoader loader;

    Rehearsal(ConfigLoader loader) {
        this.loader = loader;
    }

    /** Returns the exit code of the process. */
    int run(Path archive) throws IOException, ConfigException {
        ClassArchive.makeAtExitOfWorkers(archive);
        try (RehearsalPeer backend = RehearsalPeer.start(Rehearsal::answerRequests);
                RehearsalPeer store =
                        RehearsalPeer.start(new RehearsalStore("http://127.0.0.1:" + backend.port(), deadUrl()))) {
            int port = freePort();
            HipacheConfig config = loader.parse(config(port, store.port())).config();
            daemon(() -> {
                askAround(port);
                end();
            });
            daemon(Rehearsal::giveUpLater);
            return Supervisor.run(config, () -> config, Succession.NONE);
        }
    }

    /** The worker keeps the account of whoever installs it, who alone may be able to write there. */
    private static String config(int port, int storePort) {
        return """
                {
                  "server": {
                    "accessLog": "/dev/null", "address": "127.0.0.1", "port": %d, "workers": 1, "stopTimeout": 30
                  },
                  "driver": "redis://:secret@127.0.0.1:%d/1",
                  "user": "root"
                }
                """
                .formatted(port, storePort);
    }

    private static void askAround(int port) {
        awaitListener(port);
        // the first waits in the queue of the socket until the worker is ready
        ask(port, "GET / HTTP/1.1\r\nHost: a.rehearsal\r\nX-Debug: 1\r\n\r\n");
        for (int i = 0; i < 10; i++) {
            ask(port, "POST / HTTP/1.1\r\nHost: a.b.rehearsal\r\nContent-Length: 4\r\n\r\nbody");
            ask(port, "PUT / HTTP/1.1\r\nHost: rehearsal\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
        }
        ask(port, "GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n");
        ask(port, "GET / HTTP/1.1\r\n\r\n");
        ask(port, "nonsense\r\n\r\n");
    }

    private static void awaitListener(int port) {
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                // the supervisor has not bound it yet; giving up is another thread's business
                pause(RETRY_MILLIS);
            }
        }
    }

    private static void ask(int port, String request) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // an archive without the classes of this request is still one
        }
    }

    /** Reads heads only: what else comes in has no empty line. */
    private static void answerRequests(BufferedReader in, OutputStream out) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** As an administrator would. */
    private static void end() {
        try {
            new ProcessBuilder("sh", "-c", "kill -TERM $PPID").start();
        } catch (IOException e) {
            Runtime.getRuntime().halt(HipacheCommand.NOT_STARTED);
        }
    }

    private static void giveUpLater() {
        pause(LONGEST_MILLIS);
        Runtime.getRuntime().halt(HipacheCommand.NOT_STARTED);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String deadUrl() throws IOException {
        return "http://127.0.0.1:" + freePort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "rehearsal");
        thread.setDaemon(true);
        thread.start();
    }
}
