package io.hipache.cli;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.Installation;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.process.ClassArchive;
import io.hipache.supervisor.process.WorkerPrivileges;
import io.hipache.tls.SelfSignedFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code --list-classes FILE}: runs the ordinary supervisor with one worker, lets the worker serve a few requests with a store
 * and a backend made for this purpose, and stops both. The JVM of the worker lists the classes that it has loaded in the file, and
 * the other classes of its packages are added. The launcher makes the {@link ClassArchive} of it. This needs loopback only.
 */
final class Rehearsal {
    /** Longer than a rehearsal takes on a slow machine. After this time it is given up, without a list. */
    private static final long LONGEST_MILLIS = 60_000;

    private static final int PATIENCE_MILLIS = 20_000;
    private static final long RETRY_MILLIS = 20;

    /** Packages that a worker uses only in its start, or never. */
    private static final String NOT_OF_WORKERS = "cli|checker|config|dev|frontends|probe|store|supervisor|syslog";

    private static final Pattern CLASS_OF_WORKERS =
            Pattern.compile("(io/hipache/(?!(?:" + NOT_OF_WORKERS + ")/).+)(?<!/package-info)\\.class");

    /** Starts the program as an administrator does, and returns the exit code of the process. */
    interface Start {
        int start(Path config) throws IOException;
    }

    private final ConfigLoader loader;
    private volatile @Nullable SelfSignedFiles certificate;

    Rehearsal(ConfigLoader loader) {
        this.loader = loader;
    }

    /** Returns the exit code of the process. */
    int run(Path list, Start program) throws IOException {
        ClassArchive.listClassesOfWorkers(list);
        try (RehearsalPeer backend = RehearsalPeer.start(Rehearsal::answerRequests);
                RehearsalPeer store =
                        RehearsalPeer.start(new RehearsalStore("http://127.0.0.1:" + backend.port(), deadUrl()))) {
            RehearsalPeer.daemon(this::haltAfterTimeout);
            int port = freePort();
            certificate = SelfSignedFiles.make("rehearsal").orElse(null);
            RehearsalPeer.daemon(() -> {
                sendRequests(port);
                deleteCertificate();
                end();
            });
            tryAnotherAccount();
            // the launcher can write there, and clears away what has this beginning
            Path config = Path.of(list + ".json");
            try {
                Files.writeString(config, config(port, store.port(), https(certificate)));
                int exitCode = program.start(config);
                addPackagesOfWorkers(list);
                return exitCode;
            } finally {
                Files.deleteIfExists(config);
            }
        }
    }

    /** Each start as root tests whether a worker may have another account. The worker of the rehearsal keeps the account of this process. */
    private void tryAnotherAccount() {
        try {
            WorkerPrivileges.prefix(loader.parse("{}").config());
        } catch (ConfigException | StartException e) {
            // the real start reports this
        }
    }

    /** The worker keeps the account of this process. Another account may not be able to write the list. */
    private static String config(int port, int storePort, String https) {
        return """
                {
                  "server": {
                    "accessLog": "/dev/null", "address": "127.0.0.1", "port": %d, "workers": 1, "stopTimeout": 30
                  },
                  %s
                  "driver": "redis://:secret@127.0.0.1:%d/1",
                  "user": "root"
                }
                """
                .formatted(port, https, storePort);
    }

    /**
     * Adds all classes of the packages that workers use under load. A worker that needs one for the first time, such as for a tunnel,
     * would read it from the jar while all requests wait. The classes of other packages would lie in the archive between those that
     * a process needs, and cost the supervisor a megabyte.
     */
    private static void addPackagesOfWorkers(Path list) throws IOException {
        Path program = Installation.programJar().orElse(null);
        if (program == null || !Files.exists(list)) {
            return;
        }
        try (JarFile jar = new JarFile(program.toFile())) {
            List<String> names = jar.stream()
                    .map(entry -> CLASS_OF_WORKERS.matcher(entry.getName()))
                    .filter(Matcher::matches)
                    .map(matched -> matched.group(1))
                    .toList();
            Files.write(list, names, StandardOpenOption.APPEND);
        }
    }

    /**
     * The key {@code https}. With it the worker warms up TLS and HTTP/2, so their classes are in the list as well: they are a
     * fifth of all. Empty without a certificate.
     */
    private static String https(@Nullable SelfSignedFiles files) throws IOException {
        return files == null
                ? ""
                : """
                "https": {"bind": "127.0.0.1", "port": %d, "key": "%s", "cert": "%s"},
                """
                        .formatted(freePort(), files.key(), files.certificate());
    }

    private static void sendRequests(int port) {
        awaitListener(port);
        // the first request waits in the queue of the socket until the worker is ready
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
                // the supervisor has not bound the port yet; another thread gives up in the end
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
            // a list without the classes of this request is still useful
        }
    }

    /** Answers each empty line, because an empty line ends a request head. */
    private static void answerRequests(BufferedReader in, OutputStream out) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** Stops the supervisor with SIGTERM, as an administrator would. */
    private static void end() {
        try {
            new ProcessBuilder("sh", "-c", "kill -TERM $PPID").start();
        } catch (IOException e) {
            Runtime.getRuntime().halt(HipacheCommand.NOT_STARTED);
        }
    }

    private void haltAfterTimeout() {
        pause(LONGEST_MILLIS);
        deleteCertificate();
        Runtime.getRuntime().halt(HipacheCommand.NOT_STARTED);
    }

    private void deleteCertificate() {
        SelfSignedFiles files = certificate;
        if (files != null) {
            files.delete();
        }
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
}
