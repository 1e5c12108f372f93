package io.hipache.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;

/** Closes a connection whose other side may still be sending. */
public final class LingeringClose {
    /** How long the other side may take to notice the end of the output. */
    private static final long LINGER_MILLIS = 5000;
    /** The same for an other side that expects no response. */
    private static final long IDLE_LINGER_MILLIS = 1000;

    private LingeringClose() {}

    /**
     * Ends the output behind everything that was written. Closes the channel when the other side has closed its end, or
     * after 5 seconds. If the channel were closed while bytes of the other side are unread, the kernel would send a
     * reset, which can overtake the response (RFC 9112 §9.6). The caller must keep reading the channel and throw away
     * what arrives.
     */
    public static void close(Channel channel) {
        close(channel, LINGER_MILLIS);
    }

    /**
     * Like {@link #close}, where the other side has said that it sends no more, and everything it sent has been read: then nothing
     * is unread, and the channel is closed at once, without a wait for the other side. TLS waits, because the other side
     * ends its part as well.
     */
    public static void closeBehindTheLast(Channel channel) {
        if (channel.pipeline().get(SslHandler.class) == null) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            close(channel);
        }
    }

    /**
     * Like {@link #close}, but waits only 1 second, for an other side that expects no response. A request that it is
     * sending just now is not answered with a reset.
     */
    public static void closeIdle(Channel channel) {
        close(channel, IDLE_LINGER_MILLIS);
    }

    /**
     * Like {@link #close}, but without the close_notify of TLS: the other side has got a part of something, and must not take it
     * for the whole.
     */
    public static void breakOff(Channel channel) {
        if (channel instanceof DuplexChannel duplex) {
            ChannelFuture last = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
            last.addListener(written -> shutDown(channel, duplex, LINGER_MILLIS, () -> Reset.withoutGoodbye(channel)));
        } else {
            Reset.close(channel);
        }
    }

    private static void close(Channel channel, long lingerMillis) {
        if (!(channel instanceof DuplexChannel duplex)) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        lastWrite(channel).addListener(written -> shutDown(channel, duplex, lingerMillis, channel::close));
    }

    private static void shutDown(Channel channel, DuplexChannel duplex, long lingerMillis, Runnable close) {
        if (duplex.isInputShutdown()) {
            // nothing can arrive that would make a reset of the end
            close.run();
            return;
        }
        // from here on the end of the input is the end of the connection
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        endOutput(channel, duplex);
        Future<?> end = channel.eventLoop().schedule(close, lingerMillis, TimeUnit.MILLISECONDS);
        // without this, the timer would keep the closed channel in memory for the rest of the time
        channel.closeFuture().addListener(closed -> end.cancel(false));
    }

    /**
     * Ends the output of a connection without TLS past Netty, which makes an exception with its stack trace for what might still
     * wait to be sent. Nothing does here. TLS may want to write yet, and has Netty drop that.
     */
    private static void endOutput(Channel channel, DuplexChannel duplex) {
        boolean plain = channel.pipeline().get(SslHandler.class) == null;
        if (plain && channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
            try {
                socket.shutdown(false, true);
                return;
            } catch (IOException | NotYetConnectedException e) {
                // the other side has reset the connection, and Netty closes it
            }
        }
        duplex.shutdownOutput();
    }

    /** Flushes. Completes when everything written has been sent, and behind TLS also its close_notify. */
    public static ChannelFuture lastWrite(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        }
        // TLS throws away what is not flushed when it is closed
        channel.flush();
        return handler.closeOutbound();
    }
}
