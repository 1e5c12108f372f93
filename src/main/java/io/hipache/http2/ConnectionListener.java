package io.hipache.http2;

import io.hipache.http.RequestHead;

/** Follows one connection of a client. All methods are called on the event loop. */
public interface ConnectionListener {
    /** Whether a request may come in; {@code others} streams of this connection are open besides its own. */
    boolean admitsStream(int others);

    /** A request is refused before {@link #requested}. Its stream is reset, behind a 431 for a head that is too large. */
    void requestRefused(Refusal refusal);

    /** Why a request is refused. */
    enum Refusal {
        /** The request breaks the rules of HTTP. */
        MALFORMED,
        /** The request's head is longer than the proxy reads. */
        HEAD_TOO_LARGE,
        /** The connection has too many streams. */
        TOO_MANY_STREAMS
    }

    /**
     * A request has arrived.
     *
     * @return the listener for the rest of the stream
     */
    StreamListener requested(ClientStream stream, RequestHead head);

    /**
     * A stream has ended.
     *
     * @param left how many streams are still open
     */
    void streamClosed(int left);

    /** The client has read bytes of responses, perhaps of streams that ended long ago. */
    void responsesRead();

    /** The last call: the connection and all of its streams are closed. */
    void closed();
}
