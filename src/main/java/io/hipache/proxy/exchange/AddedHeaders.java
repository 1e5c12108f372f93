package io.hipache.proxy.exchange;

import io.hipache.http.KnownField;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy adds to a response because somebody asks for it: the operator, or the request.
 *
 * @param requestId the value of {@code x-request-id}, null when the configuration does not ask for it
 */
public record AddedHeaders(@Nullable String requestId, DebugHeaders debug) {
    /** Nothing. */
    public static final AddedHeaders NONE = new AddedHeaders(null, DebugHeaders.NONE);

    /** More than all of them, for sizing. */
    public static final int MOST = 12;

    public boolean isEmpty() {
        return requestId == null && debug.isEmpty();
    }

    /** Whether a field of a backend's response gives way to one of these. */
    boolean replaces(KnownField field) {
        return field == KnownField.X_REQUEST_ID && requestId != null;
    }

    /** Hands out names, in lower case, and values. */
    public void forEach(BiConsumer<String, String> out) {
        if (requestId != null) {
            out.accept(KnownField.X_REQUEST_ID.text(), requestId);
        }
        debug.forEach(out);
    }
}
