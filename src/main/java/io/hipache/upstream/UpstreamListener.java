package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.ResponseHead;
import io.netty.buffer.ByteBuf;

/** Follows one response on an {@link UpstreamConnection}; called on the event loop. */
public interface UpstreamListener {

    /** A head; interim ones (1xx) come before the final one. */
    void responseHead(ResponseHead head);

    /** Bytes of the body, owned by the callee from here on. */
    void responseBody(ByteBuf bytes);

    /** The response is complete, and with it the use of the connection: it belongs to nobody until it is given back. */
    void responseEnd(BodyEnd end);

    /** The bytes that have arrived so far are passed on: time to flush. */
    void readComplete();

    /** The connection takes more bytes, or does not for now; see {@link UpstreamConnection#isWritable}. */
    void writabilityChanged();

    /** The connection is lost, and nothing else will be called. */
    void failed(UpstreamFailure failure);
}
