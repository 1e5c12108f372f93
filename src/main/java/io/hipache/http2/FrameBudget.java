package io.hipache.http2;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much a client may ask for that gets it nothing: frames that carry no part of a message, and streams that end
 * before their response (CVE-2023-44487, CVE-2025-8671). What it spends comes back with time and with what it does get.
 * Confined to the event loop.
 */
final class FrameBudget {
    /** A browser that leaves a page ends all of its streams at once, and says so in several frames. */
    static final int FULL = 1000;
    /** A stream that ends before its response costs a look-up and perhaps a connection to a backend. */
    static final int LOST_STREAM = 5;

    /** A frame that was on its way when its stream was reset. */
    static final int LATE_FRAME = 1;
    /** As often as that, a client may open its window: one that takes frames of a kilobyte does so twice for each. */
    static final int BYTES_PER_UPDATE = 512;

    static final int PER_SECOND = 200;
    private static final long NANOS_EACH = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;

    private final LongSupplier nanoClock;
    private long filledAt;
    private int left = FULL;

    FrameBudget(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.filledAt = nanoClock.getAsLong();
    }

    /** Takes {@code cost}; false when there is not enough left. */
    boolean spend(int cost) {
        if (left < cost) {
            fill();
        }
        left -= cost;
        return left >= 0;
    }

    /** The client has got something. */
    void earn(int amount) {
        left = Math.min(FULL, left + amount);
    }

    /** The clock is asked only when the budget seems to be spent: most clients never see the end of it. */
    private void fill() {
        long since = nanoClock.getAsLong() - filledAt;
        filledAt += since;
        earn((int) Math.min(FULL, since / NANOS_EACH));
    }
}
