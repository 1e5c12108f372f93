package io.hipache.supervisor;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker as the supervisor sees it: a child process and the pipes to it. A thread of its own reads what the worker
 * says, so that a slow access log holds up its own worker only.
 */
final class WorkerProcess {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

    /** By which systemd tells a service where to report. */
    private static final List<String> SERVICE_VARIABLES = List.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID");

    private final Process process;
    private final int slot;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<@Nullable Void> silent = new CompletableFuture<>();

    /** Told what the worker says, on the worker's reading thread. */
    interface Listener {
        void said(WorkerProcess worker, WorkerMessage message) throws InterruptedException;
    }

    private WorkerProcess(Process process, int slot) {
        this.process = process;
        this.slot = slot;
    }

    static WorkerProcess start(List<String> command, int slot, Listener listener, MessageLog messages)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.redirect());
        // they are the supervisor's alone to speak to
        SERVICE_VARIABLES.forEach(builder.environment()::remove);
        Process process = builder.start();
        messages.take(process);
        WorkerProcess worker = new WorkerProcess(process, slot);
        Thread reader = new Thread(() -> worker.listen(listener), "worker-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        return worker;
    }

    private void listen(Listener listener) {
        try (InputStream in = process.getInputStream()) {
            for (WorkerMessage message = WorkerMessages.read(in); message != null; message = WorkerMessages.read(in)) {
                listener.said(this, message);
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                log.error("{} is killed, its messages cannot be read: {}", this, e.getMessage());
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            silent.complete(null);
        }
    }

    /** Sends a message. A worker that is gone does not get it, which {@link #ended} tells soon enough. */
    void send(WorkerMessage message) {
        try {
            OutputStream out = process.getOutputStream();
            WorkerMessages.write(message, out);
        } catch (IOException e) {
            log.debug("{} cannot be told {}: {}", this, message, e.getMessage());
        }
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** The exit code (128 + signal for a killed one), once the process has ended and all it said has been heard. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenCombine(silent, (ended, unused) -> ended.exitValue());
    }

    long pid() {
        return process.pid();
    }

    int slot() {
        return slot;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    @Override
    public String toString() {
        return "worker #" + process.pid();
    }
}
