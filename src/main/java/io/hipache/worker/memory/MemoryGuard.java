package io.hipache.worker.memory;

import java.time.Duration;

/**
 * When a worker that takes too much memory does what: over its limit it collects garbage once, still over it asks to be
 * replaced. Pure policy, without a clock of its own.
 *
 * <p>A limit below what a new worker takes must not have workers follow one another at full speed, nor all of a machine
 * at once: none asks before it has served for a while, of a length that differs from one worker to the next.
 */
public final class MemoryGuard {
    /** A worker that grows over its limit may be replaced so soon. */
    static final Duration SHORTEST_LIFE = Duration.ofSeconds(10);
    /** One that was over it from the start: the next one will be, too. The original looks every minute. */
    static final Duration SHORTEST_LIFE_OVER_LIMIT = Duration.ofSeconds(60);
    /** More often it would help little and hold up the requests: over the limit again so soon is still over. */
    static final Duration BETWEEN_COLLECTIONS = Duration.ofSeconds(60);

    /** What is to be done. */
    enum Verdict {
        /** Nothing, it is below its limit. */
        WELL,
        /** Below its limit now, after the garbage was collected. */
        WELL_AGAIN,
        /** Collect the garbage, and look again. */
        COLLECT,
        /** Ask for a replacement. */
        REPLACE,
        /** Nothing, it is over its limit and has only begun. */
        TOO_YOUNG,
        /** Nothing, it has asked for its replacement. */
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
     * @param limitBytes resident set over which the worker is replaced
     * @param residentBytes before it served anybody
     * @param beginNanos when it began to serve
     * @param spread from 0 to 1, another one for each worker
     */
    public MemoryGuard(long limitBytes, long residentBytes, long beginNanos, double spread) {
        this.limitBytes = limitBytes;
        this.overFromTheStart = residentBytes > limitBytes;
        this.beginNanos = beginNanos;
        this.spread = spread;
    }

    /** Whether its limit was too low for it before it had served anybody. */
    boolean overFromTheStart() {
        return overFromTheStart;
    }

    Verdict check(long residentBytes, long nowNanos) {
        boolean over = residentBytes > limitBytes;
        if (!measured) {
            measured = true;
            // what the start left behind is gone by now
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
