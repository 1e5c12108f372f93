package io.hipache.supervisor.process;

import io.hipache.link.LinkException;
import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** How the variables begin that hold values of the configuration. */
    private static final String VARIABLES_OF_KEYS = "HIPACHE_";

    /** A child of the worker may hold the pipes open when the worker is gone. Nobody waits for that child. */
    private static final int LAST_WORDS_SECONDS = 5;

    /** Messages with what others have learned that may wait for a worker. */
    private static final int MAX_WAITING_KNOWN = 16;

    private final Process process;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<@Nullable Void> outputEnded = new CompletableFuture<>();
    private final CompletableFuture<?> messagesEnded;
    private final ExecutorService writer;
    private final AtomicInteger waitingKnown = new AtomicInteger();

    private WorkerProcess(Process process, CompletableFuture<?> messagesEnded) {
        this.process = process;
        this.messagesEnded = messagesEnded;
        this.writer = Executors.newSingleThreadExecutor(task -> daemon(task, "to-worker-" + process.pid()));
        exited().thenRun(writer::shutdownNow);
    }

    /** Starts a process, which waits for the messages of a supervisor. */
    static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        // only the supervisor speaks to systemd, and reads the configuration: a worker is not to know every secret
        builder.environment()
                .keySet()
                .removeIf(name -> SERVICE_VARIABLES.contains(name) || name.startsWith(VARIABLES_OF_KEYS));
        try {
            return builder.start();
        } catch (OutOfMemoryError e) {
            throw noRoom(e);
        }
    }

    /** Makes a started process a worker. */
    static WorkerProcess of(Process process, Listener listener, MessageLog messages) throws IOException {
        try {
            WorkerProcess worker = new WorkerProcess(process, messages.take(process));
            daemon(() -> worker.readMessages(listener), "worker-" + process.pid())
                    .start();
            return worker;
        } catch (OutOfMemoryError e) {
            process.destroyForcibly();
            throw noRoom(e);
        }
    }

    /** The system allows no more threads: this is for another attempt, not the end of the program. */
    private static IOException noRoom(OutOfMemoryError e) {
        return new IOException("no memory or no thread for another worker: " + e.getMessage(), e);
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
            if (process.isAlive() || e instanceof LinkException) {
                log.error("{} is killed, its messages cannot be read: {}", this, e.getMessage());
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // nobody else would read from this worker, and it would seem to hang
            kill();
            throw e;
        } finally {
            outputEnded.complete(null);
        }
    }

    @Override
    public void send(WorkerMessage message) {
        if (!(message instanceof WorkerMessage.Known)) {
            execute(() -> write(message));
        } else if (waitingKnown.get() < MAX_WAITING_KNOWN) {
            waitingKnown.incrementAndGet();
            execute(() -> {
                write(message);
                waitingKnown.decrementAndGet();
            });
        }
        // else the worker does not keep up, or another one says too much: it can do without
    }

    /** Sends one message after the other. Each is asked for when it is its turn. */
    void sendAll(Iterator<WorkerMessage> messages) {
        execute(() -> messages.forEachRemaining(this::write));
    }

    private void execute(Runnable task) {
        try {
            writer.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{} has ended, no message is sent", this);
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
        // through the handle, because the process would close the pipes, and its last words would be lost
        process.toHandle().destroyForcibly();
    }

    @Override
    public CompletableFuture<?> exited() {
        return process.onExit();
    }

    @Override
    public CompletableFuture<Integer> ended() {
        return process.onExit().thenCompose(gone -> CompletableFuture.allOf(outputEnded, messagesEnded)
                .completeOnTimeout(null, LAST_WORDS_SECONDS, TimeUnit.SECONDS)
                .thenApply(read -> gone.exitValue()));
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
