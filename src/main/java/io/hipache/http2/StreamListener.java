package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.netty.buffer.ByteBuf;

/**
 * Follows one stream of a client, starting behind the head of its request. All methods are called on the event loop.
 */
public interface StreamListener {
    /** The first call, before any part of the body. */
    void begin();

    /** A part of the request's body, which the listener owns from now on. */
    void body(ByteBuf bytes);

    /** The request is complete. */
    void bodyEnd(BodyEnd end);

    /** All bytes that have arrived so far were passed on: time to flush. */
    void readComplete();

    /** The stream has become writable again; see {@link ClientStream#isWritable}. */
    void writabilityChanged();

    /** What follows the head breaks the rules of HTTP: the stream is about to be reset. */
    void malformed();

    /** The last call: the stream was closed before the response was complete, and not by the listener. */
    void closed();
}
