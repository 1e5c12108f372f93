package io.hipache.http2;

import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
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

/** Creates a {@link FrameHandler} from Netty's parts, with the limits of this proxy. */
public final class FrameHandlers {
    /** How many streams a client may have open at a time on one connection. */
    static final int MOST_STREAMS = 128;

    /**
     * The longest header block, in bytes as RFC 9113 §6.5.2 counts them. The limit for a head of HTTP/1.1 is the same.
     */
    private static final int LONGEST_HEAD = 32 * 1024;
    /**
     * How many small CONTINUATION frames a header block may have. The longest block needs two frames when they are
     * filled.
     */
    private static final int MOST_SMALL_CONTINUATIONS = 16;

    /** How many bytes a stream may send before the backend has taken any (RFC 9113 §6.9.2). */
    private static final int STREAM_WINDOW = 65535;

    /**
     * The least number of bytes to send for one stream in its turn: the largest frame that every client takes (RFC 9113
     * §4.2).
     */
    private static final int LEAST_SHARE = 16 * 1024;

    private FrameHandlers() {}

    /**
     * Creates the handler for one connection.
     *
     * @param listener called on the event loop
     * @param nanoClock the clock of the event loop, in nanoseconds
     */
    public static FrameHandler create(ConnectionListener listener, LongSupplier nanoClock) {
        FrameBudget budget = new FrameBudget(nanoClock);
        Http2Connection connection = new DefaultHttp2Connection(true);
        // set here, so that the limit holds even before the client has acknowledged the SETTINGS
        connection.remote().maxActiveStreams(MOST_STREAMS);
        // priorities are deprecated (RFC 9113 §5.3): every stream gets the same share, in frames large enough to be
        // worth their header
        UniformStreamByteDistributor shares = new UniformStreamByteDistributor(connection);
        shares.minAllocationChunk(LEAST_SHARE);
        connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, shares));
        Acknowledgements acknowledgements = new Acknowledgements();
        Http2ConnectionEncoder encoder = new AcknowledgingEncoder(
                new DefaultHttp2ConnectionEncoder(
                        connection, new DefaultHttp2FrameWriter(Http2HeadersEncoder.NEVER_SENSITIVE, true)),
                acknowledgements);
        Http2FrameReader frames = new DefaultHttp2FrameReader(new HeadDecoder(LONGEST_HEAD), MOST_SMALL_CONTINUATIONS);
        FrameLimits reader = new FrameLimits(new SmallDataFrames(frames, connection), budget);
        DefaultHttp2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(
                connection, encoder, reader, Http2PromisedRequestVerifier.ALWAYS_VERIFY, true, false, false);
        Http2Settings settings =
                new Http2Settings().maxConcurrentStreams(MOST_STREAMS).maxHeaderListSize(LONGEST_HEAD);
        return new FrameHandler(decoder, encoder, settings, listener, reader, budget, acknowledgements);
    }

    /**
     * Opens the connection's window wide enough for several streams, so that one stream does not wait for the backend of
     * another. It bounds what all streams of a client together keep in memory.
     *
     * @param bytes that the client may send before backends have taken any
     */
    static void openConnectionWindow(Http2Connection connection, int bytes) throws Http2Exception {
        if (bytes > STREAM_WINDOW) {
            connection
                    .local()
                    .flowController()
                    .incrementWindowSize(connection.connectionStream(), bytes - STREAM_WINDOW);
        }
    }
}
