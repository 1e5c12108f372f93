package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.util.concurrent.TimeUnit;

/** What the kernel knows of the bytes that it has taken over and sends on its own. */
public final class KernelOutput {
    private KernelOutput() {}

    /**
     * How long ago bytes were last sent to the other side while it was known to be there, in nanoseconds;
     * {@link Long#MAX_VALUE} where the transport cannot tell. To ask costs a system call.
     */
    public static long nanosSinceSent(Channel channel) {
        if (!(channel instanceof EpollSocketChannel socket) || !socket.isActive()) {
            return Long.MAX_VALUE;
        }
        try {
            EpollTcpInfo info = socket.tcpInfo();
            // to a side that has vanished the kernel sends the same bytes again and again
            return TimeUnit.MILLISECONDS.toNanos(Math.max(info.lastDataSent(), info.lastAckRecv()));
        } catch (ChannelException e) {
            // the connection has just ended
            return Long.MAX_VALUE;
        }
    }
}
