package io.hipache.certificates;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bounds how often the store is asked in vain: a client can make up names faster than anybody can look them up. What is
 * found costs nothing of it, so a fleet of certificates that are all asked for at once is no matter.
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

    /** Whether a name of which nothing is known may be asked for. */
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
