package io.hipache.proxy;

import io.hipache.http.HeadWriter;
import io.hipache.routing.Route;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The {@code x-debug-*} headers of a response to a request with {@code X-Debug} (Hipache lib/worker.js).
 *
 * @param version of this program, null when nobody asked for these headers
 * @param error the message of an error page
 * @param route the backend that was chosen, if there was one
 */
record DebugHeaders(
        @Nullable String version,
        @Nullable String error,
        Route.@Nullable Chosen route,
        long totalNanos,
        long backendNanos) {

    static final DebugHeaders NONE = new DebugHeaders(null, null, null, 0, 0);

    void write(ByteBuf out) {
        if (version == null) {
            return;
        }
        if (error != null) {
            field(out, "x-debug-error", error);
        }
        field(out, "x-debug-version-hipache", version);
        if (route != null) {
            field(out, "x-debug-backend-url", route.url());
            field(out, "x-debug-backend-id", Integer.toString(route.index()));
            field(out, "x-debug-vhost", route.frontend().virtualHost());
            field(out, "x-debug-frontend-key", route.frontend().requestedHost());
            field(out, "x-debug-time-total", Long.toString(TimeUnit.NANOSECONDS.toMillis(totalNanos)));
            field(out, "x-debug-time-backend", Long.toString(TimeUnit.NANOSECONDS.toMillis(backendNanos)));
        }
    }

    /** The store's values are anybody's: a line break in one must not become a header. */
    private static void field(ByteBuf out, String name, String value) {
        StringBuilder safe = new StringBuilder(value.length());
        value.codePoints().forEach(c -> safe.appendCodePoint(c < 0x20 || c == 0x7f ? ' ' : c));
        HeadWriter.field(out, name, safe.toString());
    }
}
