package io.hipache.driver.copy;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * On which connection Redis tells each change, and since when and until when. So it says of what was read on a connection whether
 * it is fresh, and when it was last known to be true. Connections have numbers from 1. Confined to the event loop.
 */
final class Told {

    /** Nothing is fresh for longer: some changes are told by no server (SWAPDB), and some servers only claim to tell. */
    private static final Duration MAX_AGE = Duration.ofSeconds(60);

    private static final int NONE = 0;

    private final LongSupplier nanoTime;
    /** The connection on which Redis tells each change now, {@link #NONE} when there is none. */
    private int connection = NONE;

    private int last = NONE;
    private long untilNanos;
    /** What was asked for before is not fresh: Redis did not tell changes then, or has deleted everything since. */
    private long freshSinceNanos;

    private boolean emptied;
    /** Whether there was a list since the copy was empty, and until when the latest one was known to be that of Redis. */
    private boolean hasHeldList;

    private long heldNanos;

    Told(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Redis tells each change of what is read on this connection from now on. */
    void begin(int number) {
        connection = number;
        last = number;
        freshSinceNanos = nanoTime.getAsLong();
    }

    /** Redis may tell nothing any more. Returns whether it did until now. */
    boolean end() {
        if (connection == NONE) {
            return false;
        }
        connection = NONE;
        untilNanos = nanoTime.getAsLong();
        return true;
    }

    boolean isNow() {
        return connection != NONE;
    }

    /** The connection on which Redis tells each change now. To be asked for when {@link #isNow}. */
    int connection() {
        return connection;
    }

    /** Whether this is the connection on which Redis told changes last, or tells them now. */
    boolean isLast(int number) {
        return last != NONE && number == last;
    }

    /** Redis has deleted everything, or says so because it will load other data. */
    void emptied() {
        freshSinceNanos = nanoTime.getAsLong() + 1;
        emptied = true;
    }

    /** To be asked when Redis has answered. Returns whether all that was read before is to be forgotten. Says so once. */
    boolean takeEmptied() {
        boolean was = emptied;
        emptied = false;
        hasHeldList &= !was;
        return was;
    }

    /** What was asked for before this time is not fresh. */
    long freshSince(long now) {
        long oldest = now - MAX_AGE.toNanos();
        return freshSinceNanos - oldest > 0 ? freshSinceNanos : oldest;
    }

    /** When it was last known to be true what was read on a connection, and has not changed as far as that told. */
    long knownNanos(int readOn, long readNanos, long now) {
        return isLast(readOn) ? lastNanos(now) : readNanos;
    }

    /** A list with backends, or with their identifier alone, was known to be that of Redis until then. */
    void held(long nanos) {
        heldNanos = hasHeldList ? Math.max(heldNanos - nanos, 0) + nanos : nanos;
        hasHeldList = true;
    }

    /** Whether a list was known to be that of Redis less than this ago. */
    boolean hasHeldListWithin(long nanos, long now) {
        boolean told = last != NONE && now - lastNanos(now) < nanos;
        return hasHeldList && (told || now - heldNanos < nanos);
    }

    private long lastNanos(long now) {
        return isNow() ? now : untilNanos;
    }
}
