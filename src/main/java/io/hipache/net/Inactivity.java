package io.hipache.net;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows for how long nothing has happened. {@link #touch} notes that something has. Output can also move without a call:
 * {@link #sample} looks for that now and then. Confined to the event loop.
 */
public final class Inactivity {
    /** How often within the timeout {@link #sample} should be called. */
    public static final int SAMPLES = 4;

    private final LongSupplier nanoClock;
    private long timeoutNanos;
    private final Output output;
    private @Nullable Output second;
    private long lastActivity;
    private long lastProgress;

    /**
     * @param nanoClock the clock that the event loop goes by
     * @param output movement of this output is activity
     */
    public Inactivity(LongSupplier nanoClock, long timeoutNanos, Output output) {
        this.nanoClock = nanoClock;
        this.timeoutNanos = timeoutNanos;
        this.output = output;
        touch();
    }

    /** Something has happened. */
    public void touch() {
        lastActivity = nanoClock.getAsLong();
    }

    /** Changes the timeout. */
    void follow(long nanos) {
        timeoutNanos = nanos;
    }

    /** From now on movement of {@code more} is activity too; null takes the second output away again. */
    public void alsoWatch(@Nullable Output more) {
        second = more;
    }

    /**
     * Looks whether output has moved.
     *
     * @return the nanoseconds that are left until the timeout, 0 or less when it is over
     */
    public long sample() {
        long waiting = output.writeProgress() + (second == null ? 0 : second.writeProgress());
        if (waiting != lastProgress) {
            lastProgress = waiting;
            touch();
        }
        if (left() <= 0) {
            long sent = Math.min(output.nanosSinceSent(), second == null ? Long.MAX_VALUE : second.nanosSinceSent());
            long quiet = Math.min(sent, timeoutNanos);
            lastActivity = Math.max(lastActivity, nanoClock.getAsLong() - quiet);
        }
        return left();
    }

    private long left() {
        return lastActivity + timeoutNanos - nanoClock.getAsLong();
    }
}
