package io.hipache.proxy;

import io.hipache.http.HeadWriter;
import io.hipache.routing.Route;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
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
        if (version != null) {
            forEach((name, value) -> HeadWriter.field(out, name, value));
        }
    }

    /** Hands out names, in lower case, and values. */
    void forEach(BiConsumer<String, String> out) {
        if (version == null) {
            return;
        }
        if (error != null) {
            out.accept("x-debug-error", safe(error));
        }
        out.accept("x-debug-version-hipache", safe(version));
        if (route != null) {
            out.accept("x-debug-backend-url", safe(route.url()));
            out.accept("x-debug-backend-id", Integer.toString(route.index()));
            out.accept("x-debug-vhost", safe(route.frontend().virtualHost()));
            out.accept("x-debug-frontend-key", safe(route.frontend().requestedHost()));
            out.accept("x-debug-time-total", Long.toString(TimeUnit.NANOSECONDS.toMillis(totalNanos)));
            out.accept("x-debug-time-backend", Long.toString(TimeUnit.NANOSECONDS.toMillis(backendNanos)));
        }
    }

    /** The store's values are anybody's: a line break in one must not become a header. */
    private static String safe(String value) {
        StringBuilder safe = new StringBuilder(value.length());
        value.codePoints().forEach(c -> safe.appendCodePoint(c < 0x20 || c == 0x7f ? ' ' : c));
        return safe.toString();
    }
}
