package io.hipache.net;

/**
 * User event for every client channel, some time after {@link DrainRequested}. The handler stops waiting for another
 * request: it closes the connection as soon as no request is in progress.
 */
public enum IdleTimeOver {
    INSTANCE
}
