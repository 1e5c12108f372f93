package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** The bytes that were written to a channel and that the kernel has not accepted yet. */
public final class WaitingOutput {
    private WaitingOutput() {}

    /**
     * A number that changes whenever the kernel accepts some of the bytes. 0 when no bytes wait. Must be called on the
     * event loop.
     */
    public static long progress(Channel channel) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null || waiting.isEmpty() ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }
}
