package io.hipache.net;

/**
 * User event for every client channel, some time after {@link DrainRequested}: whoever has not sent another request by now
 * is not waited for. Close as soon as nothing is in flight.
 */
public enum IdleTimeOver {
    INSTANCE
}
