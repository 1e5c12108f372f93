package io.hipache.net;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that nothing has happened for too long. A busy connection never touches the timer queue: activity only notes the
 * time, and the timer looks at it when it fires. Confined to the event loop.
 */
public final class InactivityTimer implements Runnable {
    private final EventExecutor loop;
    private long timeoutNanos;
    private final Inactivity inactivity;
    private final Runnable expired;
    private @Nullable Runnable look;
    private boolean stopped;
    private @Nullable Future<?> scheduled;

    /**
     * @param nanoClock the clock that {@code loop} goes by
     * @param timeout zero turns the timer off
     * @param output movement of this output is activity
     * @param expired called each time that nothing has happened for {@code timeout}
     */
    public InactivityTimer(
            EventExecutor loop, LongSupplier nanoClock, Duration timeout, Output output, Runnable expired) {
        this.loop = loop;
        this.timeoutNanos = timeout.toNanos();
        this.inactivity = new Inactivity(nanoClock, timeoutNanos, output);
        this.expired = expired;
    }

    public void start() {
        touch();
        if (timeoutNanos > 0) {
            schedule(timeoutNanos / Inactivity.SAMPLES);
        } else {
            stopped = true;
        }
    }

    /** Ends the timer and takes it out of the queue at once: many connections may end within one timeout. */
    public void stop() {
        stopped = true;
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }

    /**
     * Changes the timeout. Another one than before begins anew.
     *
     * @param timeout zero turns the timer off
     */
    public void follow(Duration timeout) {
        if (timeout.toNanos() != timeoutNanos) {
            stop();
            timeoutNanos = timeout.toNanos();
            inactivity.follow(timeoutNanos);
            stopped = false;
            start();
        }
    }

    /** Something has happened. */
    public void touch() {
        inactivity.touch();
    }

    /** See {@link Inactivity#alsoWatch}. */
    public void alsoWatch(@Nullable Output more) {
        inactivity.alsoWatch(more);
    }

    /** Has {@code action} called each time that the timer looks, several times within the timeout. */
    public void alsoCall(Runnable action) {
        look = action;
    }

    @Override
    public void run() {
        if (look != null) {
            look.run();
        }
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
