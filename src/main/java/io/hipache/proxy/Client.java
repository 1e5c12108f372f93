package io.hipache.proxy;

import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.ReadGate;

/**
 * What an exchange needs of its client, whatever protocol that speaks: who it is, back-pressure, and the three kinds of
 * answers. Confined to the event loop.
 */
interface Client {
    ClientIdentity identity();

    /** Holds the request's body back. */
    ReadGate gate();

    /** Whether the client takes more bytes, or those that wait for it are enough for now. */
    boolean isWritable();

    void flush();

    /** Bytes handed over for this client; the difference between two moments is what an exchange has cost. */
    long bytesWritten();

    /** Passes on an interim response such as {@code 100 Continue} (RFC 9110 §15.2). */
    void interim(RequestHead request, ResponseHead response);

    /**
     * Writes the head of a backend's response.
     *
     * @param mayKeepAlive whether the client's connection can serve another request
     * @param debug appended to the head, {@link DebugHeaders#NONE} without {@code X-Debug}
     */
    ResponseRelay begin(RequestHead request, ResponseHead response, boolean mayKeepAlive, DebugHeaders debug);

    /** Writes the head of a {@code 101}: what follows is a tunnel's. Only HTTP/1.1 has such requests. */
    void switching(RequestHead request, ResponseHead response, DebugHeaders debug);

    /** Writes and flushes an answer that does not come from a backend; {@code toHead} when it has no body. */
    void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, DebugHeaders debug);

    /** Ends it at once, so that nothing sent before looks complete. */
    void cut();
}
