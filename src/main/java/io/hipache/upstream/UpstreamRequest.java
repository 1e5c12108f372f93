package io.hipache.upstream;

import io.hipache.http.FieldSink;
import io.hipache.http.Framing;
import org.jspecify.annotations.Nullable;

/** The head of a request as a backend should get it, in terms that every protocol has. */
public interface UpstreamRequest {
    String method();

    /** Path and query, or {@code *}. */
    String target();

    /** How the body ends. */
    Framing framing();

    /** The protocols that the client wants to switch to, as an Upgrade field has them; null for an ordinary request. */
    @Nullable
    String upgrade();

    /** Whether trailers of the response can be passed on, so that the backend may send some. */
    boolean takesTrailers();

    /** Whether it logs in for the whole connection that carries it, see {@link io.hipache.http.ConnectionLogin}. */
    boolean logsInConnection();

    /** Hands out every field that a backend should get, except those that concern the connection to the backend. */
    void writeFields(FieldSink out);
}
