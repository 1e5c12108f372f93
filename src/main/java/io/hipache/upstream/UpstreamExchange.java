package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.ResponseHead;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.netty.buffer.ByteBuf;

/**
 * One request on its way to a backend and the response on its way back, whatever protocol carries them. The pool hands it
 * out; it ends with {@link #giveBack} or {@link #discard}, or with the call of {@link Listener#failed}. Confined to the event
 * loop.
 */
public interface UpstreamExchange extends RequestSink, Output {

    /** Writes the head of the request. {@code listener} is told everything until a final head has arrived. */
    void send(UpstreamRequest request, HeadListener listener);

    /** Has {@code listener} told everything behind the final head. Must be called while that head is handed out. */
    void relayTo(BodyListener listener);

    /** Whether the backend has answered other requests of this worker since this one was sent. */
    boolean backendAnswersOthers();

    /** Holds the response back. */
    ReadGate gate();

    /** Gives the connection back behind a whole response: the pool keeps it for the next request where it can. */
    void giveBack();

    /**
     * Keeps the connection for the next request of the same client, behind a whole response. Only where the backend has
     * spoken of a login that counts for the connection: then no other client may get it.
     *
     * @return false when there is nothing to keep, and the connection has to be given back
     */
    boolean keep();

    /**
     * Takes up a connection that was kept.
     *
     * @param upgrade whether the request asks for a tunnel
     * @return false when it has ended meanwhile, or may not become a tunnel
     */
    boolean resume(boolean upgrade);

    /** Ends it in the middle; the listener is told nothing more. */
    void discard();

    /** What can happen at any time. */
    interface Listener {
        /** The bytes that have arrived so far have been handed out: time to flush. */
        void readComplete();

        /** {@link RequestSink#isWritable} has changed. */
        void writabilityChanged();

        /** The connection is lost; this is the last call. */
        void failed(UpstreamFailure failure);
    }

    /** Waits for the head of the response. */
    interface HeadListener extends Listener {
        /** An interim response such as {@code 100 Continue} (RFC 9110 §15.2); another head follows. */
        void interim(ResponseHead head);

        /** The final head. */
        void responseHead(ResponseHead head);

        /** A {@code 101}. Only protocols that know upgrades call this; the connection is the callee's from now on. */
        void switched(ResponseHead head, UpgradedConnection connection);
    }

    /** Follows the body of the response. */
    interface BodyListener extends Listener {
        /** Bytes of the body, owned by the callee from here on. */
        void responseBody(ByteBuf bytes);

        /** The response is complete; this is the last call. */
        void responseEnd(BodyEnd end);
    }
}
