package io.hipache.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Listens on loopback by the epoll transport of the program, with one event loop. */
final class EpollServer implements AutoCloseable {
    private final EventLoopGroup group;
    private final Channel server;

    /** @param served the handler of each connection */
    EpollServer(ChannelHandler served) {
        assumeTrue(Epoll.isAvailable());
        group = Transport.EPOLL.newEventLoop("loop of a test");
        server = new ServerBootstrap()
                .group(group)
                .channel(Transport.EPOLL.serverChannel())
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(served)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
