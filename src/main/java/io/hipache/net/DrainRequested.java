package io.hipache.net;

/**
 * User event for every client channel of a worker that is about to end: tell the client with the next answer that it is
 * the last one. An idle connection stays for a moment, see {@link IdleTimeOver}: a request may be on its way.
 */
public enum DrainRequested {
    INSTANCE
}
