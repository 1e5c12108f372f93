package io.hipache.routing;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store of frontends and dead backends. Every call is made on the worker's event loop and answered there, later or at
 * once. Nothing blocks.
 */
public interface Driver extends AutoCloseable {

    /**
     * Reads the first frontend of {@code lookup} that is not empty, and its dead backends, in one consistent round trip. The
     * dead backends are those of {@link HostLookup#deadHost}. With {@link HostLookup#matchedKey}, those of the requested host
     * count for a wildcard as well.
     */
    void read(HostLookup lookup, ReadCallback callback);

    /**
     * Marks a backend dead and announces its death, if the store finds that it may. Nothing waits for this.
     *
     * @param told called once, on the event loop, perhaps before this method returns
     */
    void markDead(DeadBackend dead, Consumer<Marking> told);

    /** Whether the store can be asked now, as far as is known. When not, a {@link #read} waits for it. */
    boolean isReachable();

    /** Whether the store is away, and hosts that are known have their answers from a copy meanwhile. */
    boolean answersFromCopy();

    /** Whether there is a host that would have its answer from memory if the store gave none. On the loop. */
    default boolean couldAnswerFromCopy() {
        return answersFromCopy();
    }

    /** Whether an active health checker is running, which alone writes the dead sets (see {@code hchecker_ping}). */
    boolean activeCheckerAlive();

    @Override
    void close();

    /** Receives the outcome of a {@link #read}: exactly one call of exactly one method. */
    interface ReadCallback {

        /**
         * For a look-up that only tries the store, where any answer is as good as another.
         *
         * @param answered called for whatever answer
         * @param unavailable called with the reason when there is none
         */
        static ReadCallback ofTrial(Runnable answered, Consumer<String> unavailable) {
            return new ReadCallback() {
                @Override
                public void rows(Rows rows) {
                    answered.run();
                }

                @Override
                public void tooLarge() {
                    answered.run();
                }

                @Override
                public void wrongType() {
                    answered.run();
                }

                @Override
                public void unavailable(String reason) {
                    unavailable.accept(reason);
                }
            };
        }

        void rows(Rows rows);

        /** The frontend is over a bound of what one host may cost. */
        void tooLarge();

        /** The store has a key of the wrong type for this host. */
        void wrongType();

        /** The store could not be asked, or did not answer in time. */
        void unavailable(String reason);

        /** Whether somebody still waits for the answer. The store need not ask for one that nobody waits for. */
        default boolean isWanted() {
            return true;
        }

        /** The bytes that wait with this callback for the answer, so that the store can bound what waits for it. */
        default int heldBytes() {
            return 0;
        }
    }

    /**
     * The answer of the store for one host.
     *
     * @param name the first name whose list is not empty, null when there is none
     * @param entries the list of that name: the virtual host, then the backend URLs as they are stored
     * @param dead the indexes of its dead backends
     * @param stale whether the store is away, and this is what it answered before
     */
    record Rows(@Nullable String name, List<String> entries, Set<Integer> dead, boolean stale) {

        /** What the store answers now. */
        public Rows(@Nullable String name, List<String> entries, Set<Integer> dead) {
            this(name, entries, dead, false);
        }
    }

    /**
     * A backend that just failed.
     *
     * @param host the host in whose dead set it is marked: {@link Frontend#deadHost}
     * @param frontend the name of the list that has the backend: {@link Frontend#name}
     * @param index its 0-based index, without the virtual host
     * @param entry its entry as it was read, which that index must still name
     * @param url the URL to announce, without {@code ;}: {@link Route.Chosen#announcedUrl}
     * @param backends the number of backends in the frontend
     * @param soft whether one request can cause such a failure, so that the number of marks is limited
     */
    record DeadBackend(String host, String frontend, int index, String entry, String url, int backends, boolean soft) {}

    /** What became of a backend that should be marked dead. */
    enum Marking {
        /** It is marked and announced. */
        MARKED,
        /**
         * It is marked and announced, and the last backend that was left. So those that were marked for soft failures are
         * not dead any more: they may be alive.
         */
        MARKED_LAST,
        /** It was marked before. It is announced again, and the time of the mark begins anew. */
        DEAD_ALREADY,
        /** It is announced only: an active checker owns the dead set. */
        ANNOUNCED,
        /** It is not marked: the failure is soft, and as many backends are dead as soft failures may mark. */
        CAPPED,
        /** It is not marked: the failure is soft, and the store cannot count the backends for the limit of such marks. */
        UNCOUNTED,
        /** It is not marked: the index names another entry by now, or none. */
        MOVED,
        /** It is not marked: the frontend has no other backend. */
        ONLY_BACKEND,
        /** It is not marked: the store was away or refused. */
        FAILED
    }
}
