package io.hipache.supervisor.process;

import io.hipache.link.WorkerMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The process of a worker: messages to it, its end, its age. */
public interface RunningWorker {

    /** Receives the messages of a worker, on the thread that reads them. */
    interface Listener {
        void received(RunningWorker worker, WorkerMessage message) throws InterruptedException;
    }

    long pid();

    /** Sends a message, without waiting. A message to a dead process is lost; {@link #exited} completes soon. */
    void send(WorkerMessage message);

    /** Sends SIGKILL. */
    void kill();

    /** Completes when the process is gone. Some of its messages may still be unread. */
    CompletableFuture<?> exited();

    /** The exit code (128 + signal if killed). Completes when the process is gone and all its messages are read. */
    CompletableFuture<Integer> ended();

    /** The time since the process was started. */
    Duration age();
}
