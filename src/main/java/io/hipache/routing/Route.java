package io.hipache.routing;

/** What {@link Router} found for one attempt: a backend, or the reason why there is none. */
public sealed interface Route {

    /**
     * A live backend was drawn.
     *
     * @param backend where to connect
     * @param frontend where it was found
     * @param index its 0-based index in the frontend
     * @param url the entry in the form of node's {@code href}, {@code http://h:80/}
     * @param announcedUrl what its death is announced with, the same unless {@link DeathSettings#rawUrl}
     */
    record Chosen(Backend backend, Frontend frontend, int index, String url, String announcedUrl) implements Route {

        /** One that is announced in the form of {@code href}. */
        public Chosen(Backend backend, Frontend frontend, int index, String url) {
            this(backend, frontend, index, url, url);
        }
    }

    /** {@code Host: __ping__}, answered without the store. */
    record Ping() implements Route {}

    /** Nothing to send the request to: the status and the message of the page that says so. */
    record Refused(int status, String message) implements Route {}
}
