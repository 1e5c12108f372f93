package io.hipache.routing;

import io.hipache.outcome.EndReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param entry as it was read
     * @param alternatives where every backend is full: some of the others, in whose queue the request might be as well
     */
    record Chosen(
            Backend backend,
            Frontend frontend,
            int index,
            String url,
            String announcedUrl,
            String entry,
            List<Backend> alternatives)
            implements Route {

        /** One for which the request need not wait, or that has no alternative. */
        public Chosen(Backend backend, Frontend frontend, int index, String url, String announcedUrl, String entry) {
            this(backend, frontend, index, url, announcedUrl, entry, List.of());
        }
    }

    /**
     * The proxy itself was asked how it is.
     *
     * @param reason {@link EndReason#PING} for {@code Host: __ping__}. For {@code Host: __ready__} either
     *     {@link EndReason#READY}, or what keeps requests from being routed
     */
    record Health(EndReason reason) implements Route {}

    /**
     * There is nothing to send the request to.
     *
     * @param status of the page that says so
     * @param reason the word for it
     * @param message of that page
     * @param host that was looked up, normalised; empty when there is none that could be
     * @param frontend that was found but has no backend to draw, null when none was found
     */
    record Refused(int status, EndReason reason, String message, String host, @Nullable Frontend frontend)
            implements Route {}
}
