package io.hipache.supervisor.common;

import java.time.Duration;

/** What the supervisor has to do, one thing at a time. Suits any thread. */
public interface Scheduler {
    void run(Runnable task);

    void later(Duration delay, Runnable task);
}
