package io.hipache.outcome;

/**
 * How one attempt on a backend ended. Times are in nanoseconds.
 *
 * @param backendUrl the backend's entry in the form of node's {@code href}, such as {@code http://h:80/}
 * @param backendIndex the 0-based index of the backend in its frontend
 * @param reason {@link EndReason#ANSWERED} once the client has been handed a response head
 * @param waitNanos from the look-up's answer until a socket was free
 * @param connectNanos how long the connection took to come about, 0 for one that was open already
 * @param firstByteNanos from the connection to the head of the response, 0 when none came
 * @param totalNanos from the look-up's answer to the end of the attempt
 */
public record AttemptOutcome(
        String backendUrl,
        int backendIndex,
        EndReason reason,
        long waitNanos,
        long connectNanos,
        long firstByteNanos,
        long totalNanos) {

    /** The same attempt, so much later. */
    AttemptOutcome later(long nanos) {
        return new AttemptOutcome(
                backendUrl, backendIndex, reason, waitNanos, connectNanos, firstByteNanos, totalNanos + nanos);
    }
}
