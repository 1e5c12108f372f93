package io.hipache.driver;

import io.hipache.routing.Driver.DeadBackend;

/** Backends that have just failed, in frontends of their own host. */
final class Deaths {
    private Deaths() {}

    /** One that failed in a way that no request can cause. */
    static DeadBackend hard(String host, int index, String entry, int backends) {
        return new DeadBackend(host, host, index, entry, entry + "/", backends, false);
    }

    /** One that failed in a way that one request can cause. */
    static DeadBackend soft(String host, int index, String entry, int backends) {
        return new DeadBackend(host, host, index, entry, entry + "/", backends, true);
    }
}
