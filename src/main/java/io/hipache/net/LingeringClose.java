package io.hipache.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Closing a connection whose other side may still be sending. */
public final class LingeringClose {
    /** How long the other side may take to notice that nothing else is coming. */
    private static final long LINGER_MILLIS = 5000;
    /** The same for one that waits for nothing. */
    private static final long IDLE_LINGER_MILLIS = 1000;

    private LingeringClose() {}

    /**
     * Ends the output behind everything written, and closes when the other side has, or soon: closing while its bytes are
     * unread would make the kernel send a reset that can overtake the response (RFC 9112 §9.6). The channel must be read
     * meanwhile, and what comes thrown away.
     */
    public static void close(Channel channel) {
        close(channel, LINGER_MILLIS);
    }

    /** As {@link #close}, when the other side waits for nothing: what it sends just now is not met by a reset. */
    public static void closeIdle(Channel channel) {
        close(channel, IDLE_LINGER_MILLIS);
    }

    private static void close(Channel channel, long lingerMillis) {
        if (!(channel instanceof DuplexChannel duplex)) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        lastWrite(channel).addListener(written -> {
            duplex.shutdownOutput();
            Future<?> end = channel.eventLoop().schedule(() -> channel.close(), lingerMillis, TimeUnit.MILLISECONDS);
            // or everything that hangs on a closed channel would stay for the rest of the time
            channel.closeFuture().addListener(closed -> end.cancel(false));
        });
    }

    /** Complete when everything written has been sent, with TLS's goodbye behind it. */
    private static ChannelFuture lastWrite(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        return handler == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : handler.closeOutbound();
    }
}
