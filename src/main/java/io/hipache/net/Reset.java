package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;

/** Ends a connection in a way that nobody takes for an orderly one. */
public final class Reset {
    private Reset() {}

    /**
     * Closes at once, by a reset where the transport can, so that nothing sent before looks complete. Goes past TLS, whose
     * goodbye would say that all of it came.
     */
    public static void close(Channel channel) {
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
}
