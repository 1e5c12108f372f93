package io.hipache.driver.redis;

import java.util.random.RandomGenerator;

/**
 * Pauses between attempts to connect: 25 ms at first, doubled each time up to 100 ms. They are short because a worker may
 * answer from memory meanwhile, and Redis may have changed. Up to half of a pause is added or taken
 * away at random, so that the workers of a fleet do not all connect at once when their Redis is back.
 */
public final class Backoff {

    private static final long FIRST_MILLIS = 25;
    private static final int LONGEST_SHIFT = 2;

    private final RandomGenerator random;
    private int attempts;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    public long nextMillis() {
        long pause = FIRST_MILLIS << Math.min(attempts++, LONGEST_SHIFT);
        return pause / 2 + random.nextLong(pause);
    }

    public void reset() {
        attempts = 0;
    }
}
