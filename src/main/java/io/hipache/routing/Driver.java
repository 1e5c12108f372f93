package io.hipache.routing;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The store of frontends and dead backends. Every call is made on the worker's event loop and every answer is given
 * there, later or at once; nothing here blocks.
 */
public interface Driver extends AutoCloseable {

    /**
     * Reads, in one consistent round trip, the first frontend of {@code lookup} that is not empty and its dead backends:
     * those of {@link HostLookup#deadHost}, and with {@link HostLookup#matchedKey} of a wildcard those of the requested
     * host as well.
     */
    void read(HostLookup lookup, ReadCallback callback);

    /** Marks a backend dead and announces its death; not awaited, a failure is logged. */
    void markDead(DeadBackend dead);

    /** Whether an active health checker lives, one that owns the dead sets (see {@code hchecker_ping}). */
    boolean activeCheckerAlive();

    @Override
    void close();

    /** Receives the outcome of a {@link #read}: exactly one call of exactly one method. */
    interface ReadCallback {
        void rows(Rows rows);

        /** The store could not be asked, or not in time, or it holds something else under these keys. */
        void unavailable(String reason);
    }

    /**
     * What the store holds for one host.
     *
     * @param name the name whose list was the first that is not empty, null when there is none
     * @param entries that list: the virtual host, then the backend URLs as they were stored
     * @param dead indexes of dead backends
     */
    record Rows(@Nullable String name, List<String> entries, Set<Integer> dead) {}

    /**
     * A backend that just failed.
     *
     * @param host the one whose dead set is marked: {@link Frontend#deadHost}
     * @param url as announced, never with a {@code ;}: {@link Route.Chosen#announcedUrl}
     * @param index its 0-based index, the virtual host not counted
     * @param backends how many backends the frontend has
     */
    record DeadBackend(String host, String url, int index, int backends) {}
}
