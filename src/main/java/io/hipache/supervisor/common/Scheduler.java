package io.hipache.supervisor.common;

import java.time.Duration;

/** Runs the supervisor's tasks, one at a time. Its methods may be called on any thread. */
public interface Scheduler {
    /** Runs a task soon, never within this call. */
    void run(Runnable task);

    /** Runs a task after a delay. */
    void later(Duration delay, Runnable task);
}
