package io.hipache.proxy;

import java.util.function.LongSupplier;

/**
 * Knows for how long nothing has happened. Activity only takes down the time; that output has moved is not told, as
 * activity is, and has to be looked for now and then. Confined to the event loop.
 */
final class Inactivity {
    /** How often within the timeout it is looked whether output has moved. */
    static final int SAMPLES = 4;

    /** What is on its way out. */
    interface Output {
        /** A figure that changes whenever output that waits has moved, 0 when none waits. */
        long writeProgress();

        /**
         * How long ago the kernel last sent output that it has taken over: it takes megabytes, and has no room for more
         * until a good part of them has gone. Asked only when the time seems to be over.
         */
        long nanosSinceSent();

        /** Two figures that somebody else knows. */
        static Output of(LongSupplier writeProgress, LongSupplier nanosSinceSent) {
            return new Output() {
                @Override
                public long writeProgress() {
                    return writeProgress.getAsLong();
                }

                @Override
                public long nanosSinceSent() {
                    return nanosSinceSent.getAsLong();
                }
            };
        }
    }

    private final LongSupplier nanoClock;
    private final long timeoutNanos;
    private final Output output;
    private long lastActivity;
    private long lastProgress;

    /** @param nanoClock the clock that the event loop goes by */
    Inactivity(LongSupplier nanoClock, long timeoutNanos, Output output) {
        this.nanoClock = nanoClock;
        this.timeoutNanos = timeoutNanos;
        this.output = output;
        touch();
    }

    void touch() {
        lastActivity = nanoClock.getAsLong();
    }

    /** Looks whether output has moved; how long it may still take until something happens, in nanoseconds. */
    long sample() {
        long waiting = output.writeProgress();
        if (waiting != lastProgress) {
            lastProgress = waiting;
            touch();
        }
        if (left() <= 0) {
            long quiet = Math.min(output.nanosSinceSent(), timeoutNanos);
            lastActivity = Math.max(lastActivity, nanoClock.getAsLong() - quiet);
        }
        return left();
    }

    private long left() {
        return lastActivity + timeoutNanos - nanoClock.getAsLong();
    }
}
