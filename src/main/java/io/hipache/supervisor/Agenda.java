package io.hipache.supervisor;

import java.time.Duration;

/** What the supervisor has to do, one thing at a time. Suits any thread. */
interface Agenda {
    void run(Runnable task);

    void later(Duration delay, Runnable task);
}
