package io.hipache.proxy;

import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits behind TLS for the end of the handshake. Then it gives the connection to the proxy, in the protocol that ALPN
 * has agreed on (RFC 7301), and leaves the pipeline. Confined to the event loop.
 */
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);

    private final Proxy proxy;
    private boolean draining;
    private boolean idleTimeOver;

    ProtocolChoice(Proxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested) {
            draining = true;
        } else if (event instanceof IdleTimeOver) {
            idleTimeOver = true;
        } else if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            serveAgreedProtocol(ctx);
        }
    }

    private void serveAgreedProtocol(ChannelHandlerContext ctx) {
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
        if (idleTimeOver) {
            pipeline.fireUserEventTriggered(IdleTimeOver.INSTANCE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // not worth more than a debug line: the client does not speak TLS, or refuses our certificate or our ciphers
        log.debug(
                "closing the connection of {} before the end of its TLS handshake: {}",
                ctx.channel().remoteAddress(),
                cause.toString());
        ctx.close();
    }
}
