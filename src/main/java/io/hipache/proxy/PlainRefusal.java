package io.hipache.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/** Last and only handler of a client that spoke plain HTTP to a TLS listener: its page is written, the rest is dropped. */
final class PlainRefusal extends ChannelInboundHandlerAdapter {
    static final String REASON = "plain HTTP request sent to an HTTPS port";

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // a reset: the client's own business
        ctx.close();
    }
}
