package io.hipache.worker.pipeline;

import io.hipache.net.DrainRequested;
import io.hipache.proxy.Proxy;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands behind TLS until the handshake is done, and makes room for the protocol that was agreed on by ALPN (RFC 7301).
 * Confined to the event loop.
 */
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);

    private final Proxy proxy;
    private boolean draining;

    ProtocolChoice(Proxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested) {
            draining = true;
        } else if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            makeRoom(ctx);
        }
    }

    private void makeRoom(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        if (ApplicationProtocolNames.HTTP_2.equals(
                pipeline.get(SslHandler.class).applicationProtocol())) {
            proxy.serveHttp2(ctx.channel());
        } else {
            proxy.serveHttp1(ctx.channel(), true);
        }
        pipeline.remove(this);
        if (draining) {
            pipeline.fireUserEventTriggered(DrainRequested.INSTANCE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // something that is no TLS, or a client that does not like ours: its own business
        log.debug("{}: {}", ctx.channel().remoteAddress(), cause.toString());
        ctx.close();
    }
}
