package io.hipache.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alone in a pipeline until the connection is there. What goes wrong before that, the future of the connecting tells; but a
 * backend that resets meanwhile can have it told to the pipeline, too. Confined to the event loop.
 */
final class Unconnected extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Unconnected.class);

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("while connecting to a backend: {}", cause.toString());
    }
}
