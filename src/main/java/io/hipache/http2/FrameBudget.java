package io.hipache.http2;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits frames that cost the proxy work and bring the client nothing: frames that carry no part of a message, and
 * streams that end before their response (CVE-2023-44487, CVE-2025-8671). The budget refills with time, with the bytes
 * of responses, and with every complete exchange. Confined to the event loop.
 */
final class FrameBudget {
    /** The full budget. A browser that leaves a page resets all of its streams at once, with several frames each. */
    static final int FULL = 1000;
    /**
     * The cost of a stream that ends before its response: it has caused a look-up and perhaps a connection to a
     * backend.
     */
    static final int LOST_STREAM = 5;

    /** The cost of a frame that was under way when its stream was reset. */
    static final int LATE_FRAME = 1;
    /**
     * Each 512 bytes sent allow the client one WINDOW_UPDATE. A client that takes frames of 1 KiB sends two for each
     * frame.
     */
    static final int BYTES_PER_UPDATE = 512;

    /** How much the budget refills in one second. */
    static final int PER_SECOND = 200;

    private static final long NANOS_EACH = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;

    private final LongSupplier nanoClock;
    private long filledAt;
    private int left = FULL;

    FrameBudget(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.filledAt = nanoClock.getAsLong();
    }

    /**
     * Takes {@code cost} from the budget.
     *
     * @return false when the budget does not cover it; the connection must then be ended
     */
    boolean spend(int cost) {
        if (left < cost) {
            fill();
        }
        left -= cost;
        return left >= 0;
    }

    /** Gives {@code amount} back, up to the full budget. */
    void earn(int amount) {
        left = Math.min(FULL, left + amount);
    }

    /**
     * Refills by the time that has passed. The clock is read only when the budget seems to be spent, which hardly ever
     * happens.
     */
    private void fill() {
        long since = nanoClock.getAsLong() - filledAt;
        filledAt += since;
        earn((int) Math.min(FULL, since / NANOS_EACH));
    }
}
