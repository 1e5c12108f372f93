package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** What was written to a channel and the kernel has not taken yet. */
public final class WaitingOutput {
    private WaitingOutput() {}

    /** A figure that changes whenever some of it has moved, 0 when there is none. To be asked on the event loop. */
    public static long progress(Channel channel) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null || waiting.isEmpty() ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }
}
