package io.hipache.http2;

import io.hipache.http.RequestHead;

/** Follows one connection of a client. All methods are called on the event loop. */
public interface ConnectionListener {
    /** Whether a request may come in; {@code others} streams of this connection are open besides its own. */
    boolean admitsStream(int others);

    /**
     * A request is refused before {@link #requested}. Its stream is reset, behind a 431 for a head that is too large.
     *
     * @param requestLine what HTTP/1.1 would have begun with, as far as the request says it, or its first 1024 bytes; empty
     *     where no field could be read
     */
    void requestRefused(Refusal refusal, String requestLine);

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

    /** The client has ended its output, but may still read. Its open streams are all complete. */
    void inputEnded();

    /** The client has read bytes of responses, perhaps of streams that ended long ago. */
    void responsesRead();

    /** How many bytes of request bodies the client may have under way. */
    int mostBodyBytes();

    /** So many more bytes of request bodies are kept; fewer when the number is negative. */
    void bodyBytesKept(int change);

    /** Whether more bytes of request bodies may be kept. */
    boolean admitsBodyBytes();

    /** The client is not read any more, because no more bytes may be kept; {@code reading} ends that. */
    void heldBack(Runnable reading);

    /** Nothing has to end any more what {@link #heldBack} began with {@code reading}. */
    void readOn(Runnable reading);

    /** So many bytes of a header block that is not complete are in memory. */
    void headBytesHeld(int bytes);

    /** There was no memory left for the connection, which ends. */
    void outOfMemory();

    /** The last call: the connection and all of its streams are closed. */
    void closed();
}
