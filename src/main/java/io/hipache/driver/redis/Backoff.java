package io.hipache.driver.redis;

import java.util.random.RandomGenerator;

/**
 * Pauses between attempts to connect: 50 ms, and twice as long each time up to 1.6 s, give or take half of it at random, so
 * that the workers of a fleet do not come all at once when their Redis does.
 */
final class Backoff {

    private static final long FIRST_MILLIS = 50;
    private static final int LONGEST_SHIFT = 5;

    private final RandomGenerator random;
    private int attempts;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    long nextMillis() {
        long pause = FIRST_MILLIS << Math.min(attempts++, LONGEST_SHIFT);
        return pause / 2 + random.nextLong(pause);
    }

    void reset() {
        attempts = 0;
    }
}
