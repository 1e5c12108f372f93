package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.netty.buffer.ByteBuf;

/** Follows one stream of a client behind the head of its request; called on the event loop. */
public interface StreamListener {
    /** The first call: nothing else has come on the stream yet. */
    void begin();

    /** Bytes of the request's body, owned by the callee from here on. */
    void body(ByteBuf bytes);

    /** The request is complete. */
    void bodyEnd(BodyEnd end);

    /** The bytes that have arrived so far are passed on: time to flush. */
    void readComplete();

    /** The stream takes more bytes, or does not for now; see {@link ClientStream#isWritable}. */
    void writabilityChanged();

    /** The last call: the stream is closed, though neither was its response written whole nor has the listener cut it. */
    void closed();
}
