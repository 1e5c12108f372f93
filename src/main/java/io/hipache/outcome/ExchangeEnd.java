package io.hipache.outcome;

import java.util.ArrayList;
import java.util.List;

/**
 * The end of one request, however it ended: answered, refused, malformed, cut off, or left by its client. Every request that
 * the proxy begins to serve, or refuses, has exactly one. Times are in nanoseconds unless they say otherwise; a text
 * that is not known is empty.
 *
 * @param listener the address and port that the client connected to, {@code 127.0.0.1:80}
 * @param protocol such as {@code HTTP/1.1}; empty for a request that could not be read
 * @param requestId the value of {@code X-Request-Id} for the backend; empty where the proxy has nothing to do with it
 * @param traceParent the well-formed W3C trace context for the backend
 * @param clientAddress as the access log shows it, {@code ::ffff:127.0.0.1}
 * @param startMillis wall-clock start, milliseconds since the epoch
 * @param requestLine such as {@code GET / HTTP/1.1}, as received
 * @param requestedHost the host that was looked up, or would have been, normalised
 * @param referer the request's field of that name
 * @param userAgent the request's field of that name
 * @param frontendKey the name whose list matched, such as {@code *.example.com}
 * @param virtualHost the identifier of the frontend
 * @param stale whether the store was away, and the frontend is what it had before
 * @param attempts every attempt on a backend in its order; the last one answered, or failed last
 * @param status of the answer; 499 when the client left before it; 0 when it got none
 * @param reason why it ended
 * @param bytesReceived of the request: its head, and its body without chunk framing
 * @param bytes written to the client for this request, head included
 * @param bodyBytes those of them that belong to the body, without its framing; for a tunnel what passed through it
 * @param lookupNanos how long the store took, all look-ups together
 * @param totalNanos from the request's head to its end
 */
public record ExchangeEnd(
        String listener,
        String protocol,
        String requestId,
        String traceParent,
        String clientAddress,
        long startMillis,
        String requestLine,
        String requestedHost,
        String referer,
        String userAgent,
        String frontendKey,
        String virtualHost,
        boolean stale,
        List<AttemptOutcome> attempts,
        int status,
        EndReason reason,
        long bytesReceived,
        long bytes,
        long bodyBytes,
        long lookupNanos,
        long totalNanos) {

    /** Whether a backend was chosen for it. */
    public boolean hadBackend() {
        return !attempts.isEmpty();
    }

    /** The attempt that answered or failed last; there is none unless {@link #hadBackend}. */
    public AttemptOutcome lastAttempt() {
        return attempts.get(attempts.size() - 1);
    }

    /** How long its last attempt took, 0 when there was none. */
    public long backendNanos() {
        return hadBackend() ? lastAttempt().totalNanos() : 0;
    }

    /**
     * The same request when it ended so much later, after more bytes in both directions.
     *
     * @param moreBody how many of the bytes to the client belong to the body
     */
    public ExchangeEnd later(long moreReceived, long moreBytes, long moreBody, long nanos) {
        List<AttemptOutcome> laterAttempts = new ArrayList<>(attempts);
        if (hadBackend()) {
            laterAttempts.set(attempts.size() - 1, lastAttempt().later(nanos));
        }
        return new ExchangeEnd(
                listener,
                protocol,
                requestId,
                traceParent,
                clientAddress,
                startMillis,
                requestLine,
                requestedHost,
                referer,
                userAgent,
                frontendKey,
                virtualHost,
                stale,
                laterAttempts,
                status,
                reason,
                bytesReceived + moreReceived,
                bytes + moreBytes,
                bodyBytes + moreBody,
                lookupNanos,
                totalNanos + nanos);
    }
}
