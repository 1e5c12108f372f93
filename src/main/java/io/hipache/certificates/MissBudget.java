package io.hipache.certificates;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits how often the store is asked for names that have no certificate: clients can invent names faster than the store can
 * look them up. Only misses count, so any number of names with a certificate may be asked for at the same time.
 */
final class MissBudget {

    private final int perSecond;
    private final LongSupplier nanoTime;
    private long secondBegan;
    private int misses;

    MissBudget(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.secondBegan = nanoTime.getAsLong();
    }

    /** Whether the store may be asked for an unknown name now. */
    boolean allows() {
        long now = nanoTime.getAsLong();
        if (now - secondBegan >= TimeUnit.SECONDS.toNanos(1)) {
            secondBegan = now;
            misses = 0;
        }
        return misses < perSecond;
    }

    void miss() {
        misses++;
    }
}
