package io.hipache.http2;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection when its worker ends (RFC 9113 §6.8). A first GOAWAY asks the client to open no more streams.
 * Streams that the client opens before it has read that GOAWAY are still served. A ping finds out when the client has
 * read it; then a second GOAWAY refuses all later streams. The connection is closed when no stream is left. Confined to
 * the event loop.
 */
final class GracefulShutdown {
    /** The data of the ping, by which its answer is recognised. */
    private static final long PING = 0x6869706163686521L;
    /** How long a client may take to answer the ping. After that time it counts as notified. */
    private static final long PING_TIMEOUT_MILLIS = 1000;

    private final FrameHandler connection;
    private boolean notified;

    GracefulShutdown(FrameHandler connection) {
        this.connection = connection;
    }

    void begin() {
        ChannelHandlerContext ctx = connection.context();
        goAway(Integer.MAX_VALUE);
        connection.encoder().writePing(ctx, false, PING, ctx.newPromise());
        connection.flushNow();
        ctx.executor().schedule(this::clientNotified, PING_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    void pingAnswered(long data) {
        if (data == PING) {
            clientNotified();
        }
    }

    private void clientNotified() {
        if (notified || !connection.channel().isActive()) {
            return;
        }
        notified = true;
        goAway(connection.connection().remote().lastStreamCreated());
        connection.flushNow();
        streamClosed();
    }

    void streamClosed() {
        if (notified && connection.connection().numActiveStreams() == 0) {
            connection.end(Http2Error.NO_ERROR, "drained");
        }
    }

    private void goAway(int lastStream) {
        ChannelHandlerContext ctx = connection.context();
        connection.goAway(ctx, lastStream, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
    }
}
