package io.hipache.driver.lookup;

import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import java.util.List;
import java.util.Set;

/** Hears what Redis has under the names of each look-up. Called on the event loop. */
public interface LookupObserver {

    /**
     * The part of one dead set that concerns a list.
     *
     * @param indexes those that are indexes of the list
     * @param ttlMillis for how long Redis keeps the set; {@link #NO_END} for one that stays, and for one that is empty
     */
    record Marks(Set<Integer> indexes, long ttlMillis) {

        /** The set does not expire. */
        public static final long NO_END = Long.MAX_VALUE;
    }

    /**
     * Redis has answered. The names before {@code rows.name()} have no list, or none of the names has one.
     *
     * @param marks the dead sets that count for the list: that of the requested host, and behind it that of the name that
     *     matched, where it counts as well. Empty when they are not known
     * @param connection the number of the connection, see {@link io.hipache.driver.redis.RedisLink#number}; negative where
     *     Redis may have told a change before this answer, and the answer not have it
     * @param sentNanos when the look-up was sent
     * @return the rows with which the look-up is to be answered
     */
    Rows learned(HostLookup lookup, Rows rows, List<Marks> marks, int connection, long sentNanos);

    /** The server is there and has no data at the moment. Look-ups wait until it has. */
    default void serverIsBusy() {}
}
