package io.hipache.net;

/**
 * User event for every client channel of a worker that is about to end: close as soon as nothing is in flight, and take
 * no further request after the current one. A connection that has not had its first request yet may have it on its way:
 * it is answered if it comes before the drain is over.
 */
public enum DrainRequested {
    INSTANCE
}
