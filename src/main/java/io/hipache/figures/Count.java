package io.hipache.figures;

/** What a worker counts as one number. */
public enum Count {
    /** Connections of clients that were accepted. */
    CONNECTIONS,
    /** Lines of the access log that the supervisor did not take in time. */
    DROPPED_LOG_LINES,
    /** Attempts on a backend. */
    ATTEMPTS,
    /** Attempts on a backend behind the first one of a request. */
    RETRIES,
    /** Requests that were routed by what the store had before it went away. */
    STALE_REQUESTS,
    /** Look-ups that were answered from memory while the store was there. */
    MEMORY_ANSWERS,
    BYTES_RECEIVED,
    BYTES_SENT,
    /** TLS handshakes with clients that are complete. */
    TLS_HANDSHAKES,
    /** Those of them that resumed a session. */
    TLS_RESUMPTIONS,
    /** Failures that are counted and not described, because there were too many. */
    FAILURES_LEFT_OUT
}
