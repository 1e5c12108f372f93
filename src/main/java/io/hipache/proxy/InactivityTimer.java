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
    private final EventExecutor loop;
    private final long timeoutNanos;
    private final Inactivity inactivity;
    private final Runnable expired;
    private boolean stopped;
    private @Nullable Future<?> scheduled;

    /**
     * @param nanoClock the clock that {@code loop} goes by
     * @param timeout zero turns the timer off
     */
    InactivityTimer(
            EventExecutor loop, LongSupplier nanoClock, Duration timeout, Inactivity.Output output, Runnable expired) {
        this.loop = loop;
        this.timeoutNanos = timeout.toNanos();
        this.inactivity = new Inactivity(nanoClock, timeoutNanos, output);
        this.expired = expired;
    }

    void start() {
        touch();
        if (timeoutNanos > 0) {
            schedule(timeoutNanos / Inactivity.SAMPLES);
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
        inactivity.touch();
    }

    @Override
    public void run() {
        long left = inactivity.sample();
        if (left <= 0) {
            touch();
            left = timeoutNanos;
            expired.run();
        }
        if (!stopped) {
            schedule(Math.min(left, timeoutNanos / Inactivity.SAMPLES));
        }
    }

    private void schedule(long nanos) {
        scheduled = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }
}
