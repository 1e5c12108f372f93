package io.hipache.http2;

import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.util.function.LongSupplier;

/** Puts a {@link FrameHandler} together out of Netty's parts, with the limits of this proxy. */
public final class FrameHandlers {
    /** Open at a time on one connection. */
    static final int MOST_STREAMS = 128;

    /** The longest header block, in bytes as RFC 9113 §6.5.2 counts them: that of HTTP/1.1. */
    private static final int LONGEST_HEAD = 32 * 1024;
    /** One that fills its frames needs two. */
    private static final int MOST_SMALL_CONTINUATIONS = 16;

    /** What a stream may send before the backend has taken some of it (RFC 9113 §6.9.2), in bytes. */
    private static final int STREAM_WINDOW = 65535;

    /** Frames of the largest size that every client takes. */
    private static final int LEAST_SHARE = 16 * 1024;

    private FrameHandlers() {}

    /**
     * For one connection.
     *
     * @param nanoClock the clock that the event loop goes by
     */
    public static FrameHandler create(ConnectionListener listener, LongSupplier nanoClock) {
        FrameBudget budget = new FrameBudget(nanoClock);
        Http2Connection connection = new DefaultHttp2Connection(true);
        // at once, not only when the client has acknowledged it
        connection.remote().maxActiveStreams(MOST_STREAMS);
        // priorities are deprecated (RFC 9113 §5.3): every stream gets its share, in frames that are worth their head
        UniformStreamByteDistributor shares = new UniformStreamByteDistributor(connection);
        shares.minAllocationChunk(LEAST_SHARE);
        connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, shares));
        Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(
                connection, new DefaultHttp2FrameWriter(Http2HeadersEncoder.NEVER_SENSITIVE, true));
        // the order of fields is seen nowhere else, values are looked at in HeaderBlocks
        Http2FrameReader reader = new FrameLimits(
                new DefaultHttp2FrameReader(
                        new DefaultHttp2HeadersDecoder(true, false, LONGEST_HEAD), MOST_SMALL_CONTINUATIONS),
                budget);
        DefaultHttp2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(
                connection, encoder, reader, Http2PromisedRequestVerifier.ALWAYS_VERIFY, true, true, false);
        Http2Settings settings =
                new Http2Settings().maxConcurrentStreams(MOST_STREAMS).maxHeaderListSize(LONGEST_HEAD);
        return new FrameHandler(decoder, encoder, settings, listener, budget);
    }

    /** Opens the window of the connection so far that its streams never wait for each other's backends. */
    static void openConnectionWindow(Http2Connection connection) throws Http2Exception {
        connection
                .local()
                .flowController()
                .incrementWindowSize(connection.connectionStream(), (MOST_STREAMS - 1) * STREAM_WINDOW);
    }
}
