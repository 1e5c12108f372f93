package io.hipache.proxy.exchange;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.upstream.UpgradedConnection;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an {@link Exchange}; one class for each protocol. It begins the exchange, tells it what the client
 * does, and writes its answer: either {@link #page}, or {@link #responseHead} with what
 * follows it, or {@link #cut}.
 * Confined to the event loop.
 */
public interface Client {
    ClientIdentity identity();

    /** Holds the request's body back. */
    ReadGate gate();

    /** The connection to a backend that is this client's alone. */
    ClientLogin login();

    // the answer

    /** Passes on an interim response such as {@code 100 Continue} (RFC 9110 §15.2). */
    void interim(RequestHead request, ResponseHead response);

    /**
     * Writes the head of a backend's response.
     *
     * @param mayKeepAlive whether the client's connection can serve another request
     * @param added to the head, because somebody asks for it
     * @return whether the connection stays open behind this response
     */
    boolean responseHead(RequestHead request, ResponseHead response, boolean mayKeepAlive, AddedHeaders added);

    /** Writes and takes over {@code bytes} of the response's body. */
    void responseBody(ByteBuf bytes);

    /** The response is complete. */
    void responseEnd(BodyEnd end);

    /** Writes and flushes an answer that does not come from a backend; {@code toHead} when it has no body. */
    void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, AddedHeaders added);

    void flush();

    /** Whether the client takes more bytes; otherwise those that wait for it are enough for now. */
    boolean isWritable();

    /** Bytes handed over for this client; the difference between two moments is what an exchange has cost. */
    long bytesWritten();

    /** Those of {@link #bytesWritten} that are of bodies, without their framing. */
    long bodyBytesWritten();

    /** Ends it at once, so that nothing sent before looks complete. {@link #exchangeEnded} does not follow. */
    void cut();

    /**
     * Ends it behind what was written, where the framing of the answer shows that something is missing; else as {@link #cut}
     * does.
     */
    void breakOff();

    /** Whether a part of the answer still waits for the client to fetch it. */
    boolean hasUnfetched();

    // the exchange's life

    /** Something moved: the time until {@link Exchange#timedOut} begins anew. */
    void touch();

    /** Movement of the output to the backend counts as activity too; null when there is none any more. */
    void watch(@Nullable Output toBackend);

    /** Whether the connection should end behind its current exchange. */
    boolean isDraining();

    /** The exchange is over, and its answer written; {@code keepAlive} when the connection can serve another one. */
    void exchangeEnded(boolean keepAlive);

    /** A client whose whole connection can switch to another protocol (RFC 9110 §7.8). HTTP/2 has no such clients. */
    interface Upgradable extends Client {

        /**
         * Writes the head of the backend's {@code 101} and makes a tunnel of both connections. The exchange is over.
         *
         * @param soFar the end of the exchange as it would be if the tunnel ended at once; the tunnel reports the real one
         */
        void switchProtocols(
                RequestHead request,
                ResponseHead response,
                AddedHeaders added,
                UpgradedConnection backend,
                ExchangeEnd soFar);
    }
}
