package io.hipache.supervisor.admin.frontends;

import io.hipache.frontends.NameScan;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an index of the names of all frontends, read in small steps while somebody searches. A search uses the last index that is
 * complete, or what there is of the first one. Confined to the thread of the store.
 */
final class Names implements StoreThread.Background {
    /** Keys that Redis looks at in one step: less than a millisecond. */
    private static final int STEP = 1_000;

    /** A search begins a new walk when the last one is so old. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    /** How long the first search reads before it shows what there is: a small store is complete by then. */
    private static final Duration FIRST = Duration.ofMillis(40);

    private @Nullable NameIndex complete;
    private long completeNanos;
    private @Nullable NameIndex next;
    private @Nullable NameScan scan;

    /**
     * The index to search in.
     *
     * @param complete whether all names were read
     */
    record View(NameIndex index, boolean complete) {}

    /** Begins to read the names where they are not known, or too old. */
    View view(StoreConnection store) throws StoreException {
        if (scan == null && (complete == null || System.nanoTime() - completeNanos > FRESH.toNanos())) {
            next = new NameIndex();
            scan = new NameScan(store, store.keys().frontend(""), "*", STEP);
        }
        NameIndex known = complete;
        if (known != null) {
            return new View(known, true);
        }
        long start = System.nanoTime();
        NameIndex growing = next;
        while (isBusy() && System.nanoTime() - start < FIRST.toNanos()) {
            step();
        }
        return growing == null ? new View(new NameIndex(), false) : new View(growing, complete != null);
    }

    /** The next search begins a new walk. */
    void outdate() {
        completeNanos = System.nanoTime() - FRESH.toNanos() - 1;
    }

    @Override
    public boolean isBusy() {
        return scan != null;
    }

    @Override
    public void step() throws StoreException {
        NameScan walking = scan;
        NameIndex growing = next;
        if (walking == null || growing == null) {
            return;
        }
        try {
            walking.next().forEach(growing::add);
        } catch (StoreException e) {
            // what is known stays, the next search tries again
            scan = null;
            next = null;
            throw e;
        }
        if (walking.isFinished()) {
            complete = growing;
            completeNanos = System.nanoTime();
            scan = null;
            next = null;
        }
    }

    @Override
    public void forget() {
        complete = null;
        next = null;
        scan = null;
    }
}
