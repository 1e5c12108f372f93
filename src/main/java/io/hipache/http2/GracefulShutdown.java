package io.hipache.http2;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection whose worker ends (RFC 9113 §6.8): the client is asked to open no other stream; what it had sent
 * until it knew is still served, and once it knows, anything else is refused. Confined to the event loop.
 */
final class GracefulShutdown {
    private static final long PING = 0x6869706163686521L;
    /** How long a client may take to answer a ping. */
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
