package io.hipache.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Answers clients that speak plain HTTP to a TLS listener, as nginx does. It is the first handler of the listener's
 * connections. It looks at the first byte: a letter begins an HTTP method, but no TLS record (RFC 8446 §5.1). For any
 * other byte it leaves the pipeline.
 */
final class PlainHttpGuard extends ChannelInboundHandlerAdapter {
    private final Proxy proxy;

    PlainHttpGuard(Proxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!bytes.isReadable() || !isLetter(bytes.getByte(bytes.readerIndex()))) {
            ctx.pipeline().remove(this);
            ctx.fireChannelRead(message);
            return;
        }
        try {
            Channel channel = ctx.channel();
            while (channel.pipeline().last() != null) {
                channel.pipeline().removeLast();
            }
            proxy.refusePlain(channel, bytes);
        } finally {
            bytes.release();
        }
    }

    private static boolean isLetter(byte b) {
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'z';
    }
}
