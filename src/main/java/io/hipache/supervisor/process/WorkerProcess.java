package io.hipache.supervisor.process;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's child process and the pipes to it. Each worker has two threads here. One reads the worker's messages, so that a
 * slow access log delays only that worker. The other one writes, so that a worker that does not read its messages delays
 * nothing else.
 */
final class WorkerProcess implements RunningWorker {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

    /** The variables in which systemd names the socket and the watchdog of a service. */
    private static final List<String> SERVICE_VARIABLES = List.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID");

    private final Process process;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<@Nullable Void> outputEnded = new CompletableFuture<>();
    private final ExecutorService writer;

    private WorkerProcess(Process process) {
        this.process = process;
        this.writer = Executors.newSingleThreadExecutor(task -> daemon(task, "to-worker-" + process.pid()));
        exited().thenRun(writer::shutdownNow);
    }

    static WorkerProcess start(List<String> command, Listener listener, MessageLog messages) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.redirect());
        // only the supervisor speaks to systemd
        SERVICE_VARIABLES.forEach(builder.environment()::remove);
        Process process = builder.start();
        messages.take(process);
        WorkerProcess worker = new WorkerProcess(process);
        daemon(() -> worker.readMessages(listener), "worker-" + process.pid()).start();
        return worker;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void readMessages(Listener listener) {
        try (InputStream in = process.getInputStream()) {
            for (WorkerMessage message = WorkerMessages.readFromWorker(in);
                    message != null;
                    message = WorkerMessages.readFromWorker(in)) {
                listener.received(this, message);
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                log.error("{} is killed, its messages cannot be read: {}", this, e.getMessage());
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            outputEnded.complete(null);
        }
    }

    @Override
    public void send(WorkerMessage message) {
        try {
            writer.execute(() -> write(message));
        } catch (RejectedExecutionException e) {
            log.debug("{} has ended, {} is not sent", this, message);
        }
    }

    private void write(WorkerMessage message) {
        try {
            OutputStream out = process.getOutputStream();
            WorkerMessages.write(message, out);
        } catch (IOException e) {
            log.debug("cannot send to {}: {}: {}", this, message, e.getMessage());
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public CompletableFuture<?> exited() {
        return process.onExit();
    }

    @Override
    public CompletableFuture<Integer> ended() {
        return process.onExit().thenCombine(outputEnded, (ended, unused) -> ended.exitValue());
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    @Override
    public String toString() {
        return "worker #" + process.pid();
    }
}
