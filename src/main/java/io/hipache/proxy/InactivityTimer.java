package io.hipache.proxy;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that nothing has happened for too long. Activity only takes down the time, so that a busy connection never
 * touches the timer queue; the timer looks when it fires. Confined to the event loop.
 */
final class InactivityTimer implements Runnable {
    /** How often within the timeout it is looked whether output has moved: that is not told, as activity is. */
    private static final int SAMPLES = 4;

    private final EventExecutor loop;
    private final LongSupplier nanoClock;
    private final long timeoutNanos;
    private final LongSupplier progress;
    private final LongSupplier nanosSinceSent;
    private final Runnable expired;
    private long lastActivity;
    private long lastProgress;
    private boolean stopped;
    private @Nullable Future<?> scheduled;

    /**
     * @param nanoClock the clock that {@code loop} goes by
     * @param timeout zero turns the timer off
     * @param progress a figure that changes whenever output that waits has moved, 0 when none waits
     * @param nanosSinceSent how long ago the kernel last sent output that it has taken over: it takes megabytes, and has
     *     no room for more until a good part of them has gone. Asked only when the time seems to be over
     */
    InactivityTimer(
            EventExecutor loop,
            LongSupplier nanoClock,
            Duration timeout,
            LongSupplier progress,
            LongSupplier nanosSinceSent,
            Runnable expired) {
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.timeoutNanos = timeout.toNanos();
        this.progress = progress;
        this.nanosSinceSent = nanosSinceSent;
        this.expired = expired;
    }

    void start() {
        touch();
        if (timeoutNanos > 0) {
            schedule(timeoutNanos / SAMPLES);
        } else {
            stopped = true;
        }
    }

    /** Lets go of the connection at once: many may end within one timeout. */
    void stop() {
        stopped = true;
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }

    void touch() {
        lastActivity = nanoClock.getAsLong();
    }

    @Override
    public void run() {
        long waiting = progress.getAsLong();
        if (waiting != lastProgress) {
            lastProgress = waiting;
            touch();
        }
        if (left() <= 0) {
            long quiet = Math.min(nanosSinceSent.getAsLong(), timeoutNanos);
            lastActivity = Math.max(lastActivity, nanoClock.getAsLong() - quiet);
        }
        if (left() <= 0) {
            touch();
            expired.run();
        }
        if (!stopped) {
            schedule(Math.min(left(), timeoutNanos / SAMPLES));
        }
    }

    private long left() {
        return lastActivity + timeoutNanos - nanoClock.getAsLong();
    }

    private void schedule(long nanos) {
        scheduled = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }
}
