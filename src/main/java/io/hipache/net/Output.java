package io.hipache.net;

import java.util.function.LongSupplier;

/** What is on its way out to one side: what {@link Inactivity} looks at. Confined to the event loop. */
public interface Output {
    /** A figure that changes whenever waiting output has moved; 0 when no flushed bytes wait. */
    long writeProgress();

    /**
     * How long ago the kernel last sent output that it has taken over, in nanoseconds; {@link Long#MAX_VALUE} when that is
     * not known. The kernel takes megabytes, and has no room for more until a good part of them has gone. The answer costs a
     * system call, so this is asked only when the time seems to be over.
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
