package io.hipache.proxy;

import io.hipache.net.CidrList;
import io.hipache.net.KernelOutput;
import io.hipache.net.ReadGate;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The connection of a client: who it is, and writing to it. Confined to the event loop. */
final class ClientConnection {
    /** How long a client may take to notice that nothing else is coming. */
    private static final long LINGER_MILLIS = 5000;

    private final Channel channel;
    private final ReadGate gate;
    private final String address;
    private final boolean plainIpv4;
    private final boolean trusted;
    private final boolean tls;
    private final int port;
    private long bytesWritten;

    ClientConnection(Channel channel, boolean tls, boolean plainIpv4, CidrList trustedProxies) {
        this.channel = channel;
        this.gate = new ReadGate(channel);
        this.tls = tls;
        InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        this.address = text(remote, plainIpv4);
        this.plainIpv4 = plainIpv4;
        this.trusted = trustedProxies.contains(remote);
        this.port = ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** The client's address as backends and the access log are told. */
    String address() {
        return address;
    }

    /** What a trusted proxy says of its own client, an address spelled as ours are (Hipache lib/accesslogger.js). */
    String spelled(String told) {
        return !plainIpv4 && NetUtil.isValidIpV4Address(told) ? "::ffff:" + told : told;
    }

    /** Whether the client is a proxy whose forwarded headers are believed. */
    boolean trusted() {
        return trusted;
    }

    boolean tls() {
        return tls;
    }

    /** The port that the client connected to. */
    int port() {
        return port;
    }

    ReadGate gate() {
        return gate;
    }

    ByteBuf buffer(int bytes) {
        return channel.alloc().directBuffer(bytes);
    }

    /** Writes and takes over {@code bytes}. */
    void write(ByteBuf bytes) {
        bytesWritten += bytes.readableBytes();
        channel.write(bytes, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    /** Bytes handed to {@link #write} since the connection began. */
    long bytesWritten() {
        return bytesWritten;
    }

    /** A figure that changes whenever the client has taken some of the bytes that wait for it. */
    long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    /** See {@link KernelOutput#nanosSinceSent}. */
    long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    /**
     * Closes at once, by a reset where the transport can, so that nothing sent before looks complete. Goes past TLS, whose
     * goodbye would say that all of it came.
     */
    void cut() {
        if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        ChannelHandlerContext outermost = channel.pipeline().firstContext();
        if (outermost == null) {
            channel.close();
        } else {
            outermost.close();
        }
    }

    void close() {
        channel.close();
    }

    /** Closes when everything written has been sent. */
    void closeAfterWrites() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Ends the output behind everything written, and closes when the client has, or soon: closing while its bytes are
     * unread would make the kernel send a reset that can overtake the response (RFC 9112 §9.6).
     */
    void closeAfterReading() {
        if (!(channel instanceof DuplexChannel duplex)) {
            closeAfterWrites();
            return;
        }
        gate.open();
        lastWrite().addListener(written -> {
            duplex.shutdownOutput();
            Future<?> end = channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            // or everything that hangs on a closed channel would stay for the rest of the time
            channel.closeFuture().addListener(closed -> end.cancel(false));
        });
    }

    /** Complete when everything written has been sent, with TLS's goodbye behind it. */
    private ChannelFuture lastWrite() {
        SslHandler handler = tls ? channel.pipeline().get(SslHandler.class) : null;
        return handler == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : handler.closeOutbound();
    }

    private static String text(InetAddress address, boolean plainIpv4) {
        String text = NetUtil.toAddressString(address);
        if (address instanceof Inet4Address) {
            return plainIpv4 ? text : "::ffff:" + text;
        }
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
