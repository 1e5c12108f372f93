package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;

/** Ends a connection so that the other side cannot mistake the end for an orderly one. */
public final class Reset {
    private Reset() {}

    /**
     * Closes the channel at once, with a TCP reset where the transport can send one, so that a partial message does not
     * look complete. The close bypasses TLS, whose close_notify would tell the other side that the message was
     * complete.
     */
    public static void close(Channel channel) {
        if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        withoutGoodbye(channel);
    }

    /** Closes the channel at once, past TLS and its close_notify. */
    static void withoutGoodbye(Channel channel) {
        ChannelHandlerContext outermost = channel.pipeline().firstContext();
        if (outermost == null) {
            channel.close();
        } else {
            outermost.close();
        }
    }
}
