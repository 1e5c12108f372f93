package io.hipache.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only handler in a pipeline until the connection is there. The future of the connect call reports what goes wrong before.
 * Netty can report a reset to the pipeline as well; this handler drops that second report. Confined to the event loop.
 */
final class Unconnected extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Unconnected.class);

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("while connecting to a backend: {}", cause.toString());
    }
}
