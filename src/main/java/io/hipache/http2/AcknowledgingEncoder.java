package io.hipache.http2;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Has SETTINGS acknowledged together with other frames. A client may hold the proxy to its former settings until it has the
 * acknowledgement. So that goes ahead of what the new settings may change: of each header block, and of the bytes of open
 * streams, which Netty writes as soon as their windows have grown.
 */
final class AcknowledgingEncoder extends DecoratingHttp2ConnectionEncoder {
    private final Acknowledgements acknowledgements;

    AcknowledgingEncoder(Http2ConnectionEncoder encoder, Acknowledgements acknowledgements) {
        super(encoder);
        this.acknowledgements = acknowledgements;
    }

    @Override
    public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
        acknowledgements.settings(ctx);
        if (connection().numActiveStreams() > 0) {
            acknowledgements.pass();
        }
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writeHeaders(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        acknowledgements.pass();
        return super.writeHeaders(ctx, streamId, headers, padding, endStream, promise);
    }

    @Override
    public ChannelFuture writeHeaders(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        acknowledgements.pass();
        return super.writeHeaders(
                ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream, promise);
    }
}
