package io.hipache.checker;

import java.time.Duration;
import java.util.concurrent.Future;

/** Runs tasks on the checker's thread, one at a time. May be called on any thread. */
interface Timer {

    void run(Runnable task);

    Future<?> later(Duration delay, Runnable task);
}
