package io.hipache.probe;

import io.hipache.outcome.EndReason;
import org.jspecify.annotations.Nullable;

/**
 * How one probe ended.
 *
 * @param known whether the probe says anything about the backend, and not only that this machine could not ask
 * @param fault what is wrong, null for a good answer
 * @param reason the word for the fault, null where there was an answer
 * @param status of the answer, 0 where there was none
 * @param network what the probe says about the network
 * @param nanos how long it took
 */
public record Verdict(
        boolean known, @Nullable String fault, @Nullable EndReason reason, int status, Network network, long nanos) {

    /** What a probe says about the network between this machine and its backends. */
    public enum Network {
        /** Something came back from another machine, be it a refusal. */
        WORKS,
        /** Nothing came back. */
        SILENT,
        /** The backend is on this machine, or was not asked. */
        UNKNOWN
    }

    /** The backend answered as expected. */
    public static Verdict good(int status) {
        return new Verdict(true, null, null, status, Network.UNKNOWN, 0);
    }

    /** The backend gave another answer than it should. */
    public static Verdict unexpected(int status, String fault) {
        return new Verdict(true, fault, null, status, Network.UNKNOWN, 0);
    }

    /** There was no answer. */
    public static Verdict bad(EndReason reason, String fault) {
        return new Verdict(true, fault, reason, 0, Network.UNKNOWN, 0);
    }

    /** This machine could not ask. */
    public static Verdict notAsked(EndReason reason, String why) {
        return new Verdict(false, why, reason, 0, Network.UNKNOWN, 0);
    }

    /** Whether the answer was good. */
    public boolean isGood() {
        return known && fault == null;
    }

    Verdict after(long duration, Network seen) {
        return new Verdict(known, fault, reason, status, seen, duration);
    }
}
