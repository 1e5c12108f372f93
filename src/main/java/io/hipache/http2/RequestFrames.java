package io.hipache.http2;

import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;

/** Passes the frames of requests to their streams. Netty's decoder has checked their order. */
final class RequestFrames extends Http2FrameAdapter {
    private final FrameHandler connection;
    private final StreamErrors errors;
    private final Acknowledgements acknowledgements;

    RequestFrames(FrameHandler connection, StreamErrors errors, Acknowledgements acknowledgements) {
        this.connection = connection;
        this.errors = errors;
        this.acknowledgements = acknowledgements;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream)
            throws Http2Exception {
        onHeadersRead(ctx, streamId, headers, padding, endStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
            throws Http2Exception {
        ClientStream stream = connection.stream(streamId);
        try {
            if (stream == null) {
                requireAdmission(streamId, headers);
                RequestHead head = HeaderBlocks.request(headers, endStream);
                connection.open(streamId, opened -> connection.listener().requested(opened, head));
            } else {
                stream.inbox().end(HeaderBlocks.trailers(headers));
            }
            if (endStream) {
                errors.requestComplete(streamId);
            }
        } catch (MalformedMessage malformed) {
            throw refusal(streamId, Http2Error.PROTOCOL_ERROR, headers, malformed.reason());
        }
    }

    private void requireAdmission(int streamId, Http2Headers headers) throws Http2Exception {
        if (!connection.listener().admitsStream(connection.connection().numActiveStreams() - 1)) {
            throw refusal(streamId, Http2Error.REFUSED_STREAM, headers, "too many streams");
        }
    }

    private static Http2Exception refusal(int streamId, Http2Error error, Http2Headers headers, String reason) {
        return RefusedRequest.tell(Http2Exception.streamError(streamId, error, "%s", reason), headers);
    }

    /**
     * Passes on a part of a body.
     *
     * @return how many bytes can be given back to the client's window at once
     */
    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
        ClientStream stream = connection.stream(streamId);
        int length = data.readableBytes();
        if (endOfStream) {
            errors.requestComplete(streamId);
        }
        boolean passedOn = stream == null || stream.inbox().add(data.retain());
        if (stream != null && endOfStream) {
            stream.inbox().end();
        }
        return padding + (passedOn ? length : 0);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
        errors.resetByClient(streamId);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int windowSizeIncrement) {
        connection.listener().responsesRead();
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) {
        acknowledgements.ping(ctx, data);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        connection.pingAnswered(data);
    }
}
