package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.util.concurrent.TimeUnit;

/** What the kernel knows about bytes that it has accepted and sends on its own. */
public final class KernelOutput {
    private KernelOutput() {}

    /**
     * How long ago the kernel last sent bytes and the other side last acknowledged any, whichever is longer, in
     * nanoseconds. {@link Long#MAX_VALUE} when the transport cannot tell. Each call costs one system call.
     */
    public static long nanosSinceSent(Channel channel) {
        if (!(channel instanceof EpollSocketChannel socket) || !socket.isActive()) {
            return Long.MAX_VALUE;
        }
        try {
            EpollTcpInfo info = socket.tcpInfo();
            // to a client that has vanished the kernel keeps sending the same bytes, so the time of sending is not
            // enough
            return TimeUnit.MILLISECONDS.toNanos(Math.max(info.lastDataSent(), info.lastAckRecv()));
        } catch (ChannelException e) {
            // the connection has just ended
            return Long.MAX_VALUE;
        }
    }
}
