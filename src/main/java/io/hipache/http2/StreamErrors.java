package io.hipache.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from a frame that is wrong for its stream (RFC 9113 §5.4.2): the stream is reset, or the whole connection
 * ends, or the frame is ignored because it was under way when its stream was reset. Confined to the event loop.
 */
final class StreamErrors {
    private static final Logger log = LoggerFactory.getLogger(StreamErrors.class);

    private final FrameHandler connection;
    private final FrameBudget budget;
    private final RecentStreams resets = new RecentStreams();
    /** Those whose request was complete. */
    private final RecentStreams complete = new RecentStreams();
    /** Those that the client has reset. */
    private final RecentStreams left = new RecentStreams();

    StreamErrors(FrameHandler connection, FrameBudget budget) {
        this.connection = connection;
        this.budget = budget;
    }

    /** The client has sent its whole request, and may send nothing more for this stream. */
    void requestComplete(int id) {
        complete.add(id);
    }

    /** The client has reset this stream. */
    void resetByClient(int id) {
        left.add(id);
    }

    /** The proxy has reset this stream. */
    void wasReset(int id) {
        resets.add(id);
    }

    /** Decides on an error. {@code outbound} when it came of a frame that the proxy writes. */
    void happened(ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
        boolean closed = error.error() == Http2Error.STREAM_CLOSED;
        if (closed && outbound) {
            // a write that waited for the client's window when its stream was closed
            return;
        }
        if (!outbound && !closed && complete.contains(error.streamId())) {
            // Netty calls a second head malformed; it is a frame behind the end of the request
            StreamException behind = (StreamException)
                    Http2Exception.streamError(error.streamId(), Http2Error.STREAM_CLOSED, "%s", error.getMessage());
            happened(ctx, false, behind, behind);
            return;
        }
        if (!outbound && !closed) {
            reportMalformed(error);
        }
        int id = error.streamId();
        boolean over = closed && connection.connection().stream(id) == null;
        boolean late = over && resets.contains(id);
        if (over && !outbound && !late && !left.contains(id)) {
            endBehindTheEnd(id);
            return;
        }
        if (!outbound && !budget.spend(late ? FrameBudget.LATE_FRAME : FrameBudget.LOST_STREAM)) {
            connection.end(Http2Error.ENHANCE_YOUR_CALM, "too many stream errors");
            return;
        }
        if (late) {
            return;
        }
        log.debug("{}: stream {}: {}", connection.remote(), error.streamId(), error.getMessage());
        resets.add(id);
        connection.resetBroken(ctx, outbound, cause, error);
    }

    /** A frame came for a stream that is over (RFC 9113 §5.1), or that no longer can begin (§5.1.1). */
    private void endBehindTheEnd(int id) {
        if (complete.contains(id)) {
            connection.end(Http2Error.STREAM_CLOSED, "a frame behind the end of stream " + id);
        } else {
            connection.end(Http2Error.PROTOCOL_ERROR, "stream " + id + " is not a new one");
        }
    }

    /** Tells the listener once of each request that ends with a stream error. */
    private void reportMalformed(StreamException error) {
        int id = error.streamId();
        ClientStream open = connection.stream(id);
        if (open != null) {
            open.listener().malformed();
            return;
        }
        boolean over = connection.connection().stream(id) == null
                && id <= connection.connection().remote().lastStreamCreated();
        if (!over && !resets.contains(id)) {
            connection.listener().requestRefused(refusal(error), RefusedRequest.lineOf(error));
        }
    }

    private static ConnectionListener.Refusal refusal(StreamException error) {
        if (error instanceof Http2Exception.HeaderListSizeException) {
            return ConnectionListener.Refusal.HEAD_TOO_LARGE;
        }
        return error.error() == Http2Error.REFUSED_STREAM
                ? ConnectionListener.Refusal.TOO_MANY_STREAMS
                : ConnectionListener.Refusal.MALFORMED;
    }
}
