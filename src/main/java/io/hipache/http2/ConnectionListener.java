package io.hipache.http2;

import io.hipache.http.RequestHead;

/** Follows one connection of a client; called on the event loop. */
public interface ConnectionListener {
    /** Whether a request may come in; {@code others} streams of this connection are open besides its own. */
    boolean admitsStream(int others);

    /** A request breaks the rules of HTTP; its stream is reset. */
    void requestMalformed();

    /** A request has come; what follows on its stream goes to the listener that is returned. */
    StreamListener requested(ClientStream stream, RequestHead head);

    /** A stream has ended; {@code left} are still open. */
    void streamClosed(int left);

    /** The client has taken bytes of responses, perhaps of streams that have ended long ago. */
    void responsesRead();

    /** The connection is closed, and so are its streams. */
    void closed();
}
