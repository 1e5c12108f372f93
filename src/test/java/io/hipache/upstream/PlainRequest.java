package io.hipache.upstream;

import io.hipache.http.FieldSink;
import io.hipache.http.Framing;
import org.jspecify.annotations.Nullable;

/** A request without fields and body. */
record PlainRequest(String method) implements UpstreamRequest {

    @Override
    public String target() {
        return "/";
    }

    @Override
    public Framing framing() {
        return Framing.NONE;
    }

    @Override
    public @Nullable String upgrade() {
        return null;
    }

    @Override
    public boolean takesTrailers() {
        return false;
    }

    @Override
    public boolean logsInConnection() {
        return false;
    }

    @Override
    public void writeFields(FieldSink out) {
        // it has none
    }
}
