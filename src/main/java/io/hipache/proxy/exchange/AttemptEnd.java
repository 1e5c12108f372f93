package io.hipache.proxy.exchange;

import io.hipache.http.ResponseHead;
import io.hipache.upstream.UpgradedConnection;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;

/** How an {@link Attempt} ended; each that is not abandoned ends in exactly one of these. */
sealed interface AttemptEnd {

    /** The backend answers: its final head is here, and the body follows on {@code upstream}, now the callee's. */
    record Answered(ResponseHead head, UpstreamExchange upstream) implements AttemptEnd {}

    /** The backend has switched to a protocol that the client asked for; the connection is now the callee's. */
    record Switched(ResponseHead head, UpgradedConnection connection) implements AttemptEnd {}

    /**
     * The request waited for a socket, and another backend has one free now.
     *
     * @param waitDeadlineNanos when the wait has lasted long enough, should another one follow; as {@link System#nanoTime}
     */
    record FreeElsewhere(long waitDeadlineNanos) implements AttemptEnd {}

    /** No answer came. */
    record Failed(UpstreamFailure failure) implements AttemptEnd {}
}
