package io.hipache.proxy;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that nothing has happened for too long. Activity only takes down the time, so that a busy connection never
 * touches the timer queue; the timer looks when it fires. Confined to the event loop.
 */
final class InactivityTimer implements Runnable {
    /** While output waits, progress is sampled this many times within the timeout. */
    private static final int SAMPLES = 4;

    private final EventExecutor loop;
    private final long timeoutNanos;
    private final LongSupplier progress;
    private final Runnable expired;
    private long lastActivity;
    private long lastProgress;
    private boolean stopped;

    /**
     * @param timeout zero turns the timer off
     * @param progress a figure that changes whenever output that waits has moved, 0 when none waits
     */
    InactivityTimer(EventExecutor loop, Duration timeout, LongSupplier progress, Runnable expired) {
        this.loop = loop;
        this.timeoutNanos = timeout.toNanos();
        this.progress = progress;
        this.expired = expired;
    }

    void start() {
        touch();
        if (timeoutNanos > 0) {
            schedule(timeoutNanos);
        } else {
            stopped = true;
        }
    }

    void stop() {
        stopped = true;
    }

    void touch() {
        lastActivity = System.nanoTime();
    }

    @Override
    public void run() {
        if (stopped) {
            return;
        }
        long waiting = progress.getAsLong();
        if (waiting != lastProgress) {
            lastProgress = waiting;
            touch();
        }
        if (lastActivity + timeoutNanos - System.nanoTime() <= 0) {
            touch();
            expired.run();
        }
        long left = lastActivity + timeoutNanos - System.nanoTime();
        schedule(waiting == 0 ? left : Math.min(left, timeoutNanos / SAMPLES));
    }

    private void schedule(long nanos) {
        loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }
}
