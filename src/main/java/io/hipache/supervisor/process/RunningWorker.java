package io.hipache.supervisor.process;

import io.hipache.link.WorkerMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A worker as a process, whatever it does: what can be done to it, and what it can be asked. */
public interface RunningWorker {

    /** Told what the worker says, on the worker's reading thread. */
    interface Listener {
        void received(RunningWorker worker, WorkerMessage message) throws InterruptedException;
    }

    long pid();

    /** Sends a message, without waiting. A worker that is gone does not get it, which {@link #exited} tells soon enough. */
    void send(WorkerMessage message);

    /** SIGKILL. */
    void kill();

    /** Complete once the process is gone; something that it said may not have been heard yet. */
    CompletableFuture<?> exited();

    /** The exit code (128 + signal for a killed one), once the process is gone and all it said has been heard. */
    CompletableFuture<Integer> ended();

    Duration age();
}
