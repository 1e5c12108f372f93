package io.hipache.http2;

import io.hipache.net.HeldGoodbye;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * What follows when a client ends its output: by a FIN, by a close_notify of TLS (RFC 8446 §6.1), or by both. Streams whose
 * request is complete (RFC 9113 §5.1: half-closed) still get their answers, as far as the client's windows allow: it can open
 * them no further. Then the connection ends. Confined to the event loop.
 */
final class HalfClose {
    private final FrameHandler connection;
    private final Channel channel;
    private final @Nullable HeldGoodbye goodbye;
    /** A FIN has come. */
    private boolean ended;

    HalfClose(FrameHandler connection) {
        this.connection = connection;
        this.channel = connection.channel();
        this.goodbye = HeldGoodbye.of(channel);
        if (goodbye != null) {
            goodbye.whileDue(this::areAnswersDue);
        }
    }

    void event(Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // later and not now: epoll fails when the channel is closed within its own call
            channel.eventLoop().execute(this::inputEnded);
        } else if (event instanceof SslCloseCompletionEvent read && read.isSuccess()) {
            channel.eventLoop().execute(this::goodbyeRead);
        }
    }

    private void inputEnded() {
        if (!channel.isOpen() || ended) {
            return;
        }
        ended = true;
        connection.streams().resetUnless(HalfClose::isComplete, connection);
        if (connection.isEnding()) {
            if (channel instanceof DuplexChannel duplex && duplex.isOutputShutdown()) {
                channel.close();
            }
            return;
        }
        connection.listener().inputEnded();
        lookWhetherDone();
    }

    /** TLS writes nothing more: streams that are still open are lost. */
    private void goodbyeRead() {
        connection.end(Http2Error.NO_ERROR, "its client has said goodbye");
    }

    /** To be called when a stream has ended, and at the end of a read. */
    void lookWhetherDone() {
        if ((ended || isHolding()) && connection.connection().numActiveStreams() == 0) {
            // later: whoever has closed the stream may not be done with it
            channel.eventLoop().execute(this::endIfDone);
        }
    }

    private void endIfDone() {
        if (connection.connection().numActiveStreams() > 0 || !channel.isOpen()) {
            return;
        }
        if (ended) {
            connection.end(Http2Error.NO_ERROR, "its client has ended its output");
        } else if (goodbye != null) {
            connection.flushNow();
            goodbye.release();
        }
    }

    private boolean isHolding() {
        return goodbye != null && goodbye.isHolding();
    }

    private boolean areAnswersDue() {
        return !connection.isEnding()
                && (connection.isGathering() || connection.connection().numActiveStreams() > 0)
                && connection.streams().all(HalfClose::isComplete);
    }

    private static boolean isComplete(Http2Stream stream) {
        return stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE || stream.state() == Http2Stream.State.CLOSED;
    }
}
