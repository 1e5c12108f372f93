package io.hipache.checker;

import io.hipache.routing.BackendUrl;

/**
 * The place of a backend in the store.
 *
 * @param announced what has led here
 * @param frontend whose list has the backend: the announced host, or a wildcard
 * @param entry the text of the list at this place
 * @param url the same, read
 */
record Listing(Announcement announced, String frontend, String entry, BackendUrl url) {

    /** In whose dead set the backend is marked. */
    String host() {
        return announced.host().written();
    }

    /** In the list, without the identifier. */
    int index() {
        return announced.index();
    }

    boolean ofWildcard() {
        return !frontend.equals(host());
    }

    /** Scheme, host and port, as hipache-hchecker cuts an announced URL. */
    String origin() {
        return url.origin();
    }

    /** Host and port. */
    String authority() {
        return url.authority();
    }

    /** For the log, without the password that an entry may have. */
    @Override
    public String toString() {
        return host() + ": backend #" + index() + " (" + origin() + ")";
    }
}
