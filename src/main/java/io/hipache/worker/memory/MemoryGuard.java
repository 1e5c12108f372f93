package io.hipache.worker.memory;

import java.time.Duration;

/**
 * Decides what a worker does about its memory. A worker over its limit collects garbage once. A worker that is still
 * over its limit asks to be replaced. Pure policy, without a clock of its own.
 *
 * <p>The limit may be lower than what a new worker needs. Then each new worker would ask to be replaced at once, and
 * all workers of a machine at the same time. So a worker serves for a while before it asks, and the while differs from
 * worker to worker.
 */
public final class MemoryGuard {
    /** The least age of a worker that asks to be replaced because it has grown over its limit. */
    static final Duration SHORTEST_LIFE = Duration.ofSeconds(10);
    /**
     * The least age of a worker that was over its limit from the start. The next worker will be over it too. The
     * original checks every minute.
     */
    static final Duration SHORTEST_LIFE_OVER_LIMIT = Duration.ofSeconds(60);
    /**
     * The least time between two collections. More of them would help little and hold up requests. A worker that is
     * over its limit again sooner counts as still over it.
     */
    static final Duration BETWEEN_COLLECTIONS = Duration.ofSeconds(60);

    /** What the worker does now. */
    enum Verdict {
        /** Nothing: the worker is not over its limit. */
        WELL,
        /** Nothing: the collection has brought the worker below its limit. */
        WELL_AGAIN,
        /** Collect the garbage, and check again. */
        COLLECT,
        /** Ask for a replacement. */
        REPLACE,
        /** Nothing: the worker is over its limit, but too young to be replaced. */
        TOO_YOUNG,
        /** Nothing: the worker has asked for its replacement. */
        REPLACING
    }

    private final long limitBytes;
    private final long beginNanos;
    private final double spread;
    private boolean overFromTheStart;
    private boolean measured;
    private boolean collecting;
    private boolean everCollected;
    private long collectedNanos;
    private boolean asked;

    /**
     * @param limitBytes the worker is replaced when its resident set is larger
     * @param residentBytes the resident set before the worker served its first client
     * @param beginNanos when the worker began to serve
     * @param spread from 0 to 1, different for each worker; makes the least age longer
     */
    public MemoryGuard(long limitBytes, long residentBytes, long beginNanos, double spread) {
        this.limitBytes = limitBytes;
        this.overFromTheStart = residentBytes > limitBytes;
        this.beginNanos = beginNanos;
        this.spread = spread;
    }

    /** Whether the worker was over its limit before it served its first client. */
    boolean overFromTheStart() {
        return overFromTheStart;
    }

    Verdict check(long residentBytes, long nowNanos) {
        boolean over = residentBytes > limitBytes;
        if (!measured) {
            measured = true;
            // the garbage of the start has been collected by now
            overFromTheStart &= over;
        }
        if (asked) {
            return Verdict.REPLACING;
        }
        if (!over) {
            boolean afterCollection = collecting;
            collecting = false;
            return afterCollection ? Verdict.WELL_AGAIN : Verdict.WELL;
        }
        if (nowNanos - beginNanos < shortestLifeNanos()) {
            return Verdict.TOO_YOUNG;
        }
        if (!collecting && (!everCollected || nowNanos - collectedNanos >= BETWEEN_COLLECTIONS.toNanos())) {
            collecting = true;
            everCollected = true;
            collectedNanos = nowNanos;
            return Verdict.COLLECT;
        }
        asked = true;
        return Verdict.REPLACE;
    }

    private long shortestLifeNanos() {
        Duration shortest = overFromTheStart ? SHORTEST_LIFE_OVER_LIMIT : SHORTEST_LIFE;
        return (long) (shortest.toNanos() * (1 + spread));
    }
}
