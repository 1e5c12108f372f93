package io.hipache.proxy.tunnel;

import io.hipache.net.DirectMemory;
import io.hipache.net.KernelOutput;
import io.hipache.net.LingeringClose;
import io.hipache.net.ReadGate;
import io.hipache.net.Reset;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslClosedEngineException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the two connections of a {@link Tunnel}, and the last handler in its pipeline. The other end writes what this end
 * reads. The two halves of the connection end one after the other; the connection ends with the second. Confined to the
 * event loop.
 */
final class TunnelEnd extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(TunnelEnd.class);

    private final Tunnel tunnel;
    private final Channel channel;
    private final ReadGate gate;
    private long bytesWritten;
    private boolean inputEnded;
    /** Nothing more is written here; bytes that the other end still reads are thrown away. */
    private boolean outputEnding;

    private boolean outputEnded;

    TunnelEnd(Tunnel tunnel, Channel channel, ReadGate gate) {
        this.tunnel = tunnel;
        this.channel = channel;
        this.gate = gate;
    }

    /** From now on, one half of the connection may end while the other goes on. */
    void separateHalves() {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // a write that fails must not throw away what came before
        channel.config().setOption(ChannelOption.AUTO_CLOSE, false);
        // the connection may be closed already: its end is reported only after this turn of the loop
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        }
    }

    Channel channel() {
        return channel;
    }

    ReadGate gate() {
        return gate;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** A figure that changes whenever output that waits here has moved. */
    long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    // what the other end reads

    /** Writes and takes over {@code bytes}. */
    void write(ByteBuf bytes) {
        if (outputEnding) {
            bytes.release();
            return;
        }
        bytesWritten += bytes.readableBytes();
        DirectMemory.limitOutput(channel);
        channel.write(bytes, channel.voidPromise());
        if (!channel.isWritable()) {
            // what waits must move, or the connection would never become writable again
            channel.flush();
        }
    }

    void flush() {
        channel.flush();
    }

    /** Whether more may be read for this end. */
    boolean takesBytes() {
        return outputEnding || channel.isWritable();
    }

    /** Ends the output behind everything written, with TLS's goodbye where there is one. */
    void endOutput() {
        if (outputEnding) {
            return;
        }
        outputEnding = true;
        LingeringClose.lastWrite(channel).addListener(written -> {
            if (channel instanceof DuplexChannel duplex && channel.isActive()) {
                duplex.shutdownOutput();
            }
        });
    }

    // what arrives here

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        tunnel.bytesRead(this, (ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        tunnel.readComplete(this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        tunnel.writabilityChanged(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent
                || (event instanceof SslCloseCompletionEvent goodbye && goodbye.isSuccess())) {
            inputEnded();
        } else if (event instanceof ChannelOutputShutdownEvent) {
            outputEnded();
        }
    }

    private void inputEnded() {
        if (!inputEnded) {
            inputEnded = true;
            tunnel.inputEnded(this);
            closeIfBothEnded();
        }
    }

    private void outputEnded() {
        outputEnding = true;
        outputEnded = true;
        tunnel.writabilityChanged(this);
        tunnel.outputEnded(this);
        closeIfBothEnded();
    }

    private void closeIfBothEnded() {
        if (inputEnded && outputEnded) {
            channel.close();
        }
    }

    boolean hasOutputEnded() {
        return outputEnded;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        outputEnding = true;
        tunnel.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ChannelOutputShutdownException || cause instanceof ClosedChannelException) {
            // a write failed because the connection ended, which is reported separately
            return;
        }
        if (cause instanceof SslClosedEngineException) {
            // TLS 1.2, and BoringSSL with 1.3 too, ends both halves at once (RFC 5246 §7.2.1)
            outputEnded();
            return;
        }
        if (DirectMemory.isExhausted(cause)) {
            tunnel.outOfMemory();
        } else if (!(cause instanceof IOException || cause.getCause() instanceof IOException)) {
            log.error("cutting off a tunnel: unexpected {}", cause.toString(), cause);
        }
        tunnel.broken();
    }

    /** See {@link Reset#close}. */
    void cut() {
        Reset.close(channel);
    }

    /** Closes in order. With unsent bytes it resets instead, so that nothing looks complete. */
    void expire() {
        if (writeProgress() == 0) {
            channel.close();
        } else {
            cut();
        }
    }
}
