package io.hipache.net;

/**
 * User event for every client channel of a worker that is about to end. The handler tells the client with the next
 * answer that it is the last one on this connection. An idle connection stays open until {@link IdleTimeOver}, because
 * a request may be under way.
 */
public enum DrainRequested {
    INSTANCE
}
