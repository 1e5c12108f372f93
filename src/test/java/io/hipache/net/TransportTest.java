package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TransportTest {

    @Test
    void prefersEpollWhereItIsToBeHad() {
        Transport best = Transport.best();

        assertThat(best == Transport.EPOLL).isEqualTo(Epoll.isAvailable());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void connectsItsOwnChannelsOnOneNamedThread(Transport transport) throws Exception {
        EventLoopGroup group = transport.newEventLoop("loop of a test");
        try {
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channel(transport.serverChannel())
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            Channel client = new Bootstrap()
                    .group(group)
                    .channel(transport.clientChannel())
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(server.localAddress())
                    .sync()
                    .channel();

            assertThat(client.isActive()).isTrue();
            assertThat(client.eventLoop()).isSameAs(server.eventLoop());
            assertThat(threadOf(client)).startsWith("loop of a test");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void looksAtItsSocketsHoweverManyTasksThereAre(Transport transport) throws Exception {
        EventLoopGroup group = transport.newEventLoop("loop of a test");
        try {
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channel(transport.serverChannel())
                    .childHandler(new EndAtOnce())
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            AtomicLong tasks = new AtomicLong();
            group.execute(new Endless(server.eventLoop(), tasks));

            for (int i = 0; i < 5; i++) {
                try (Socket client = new Socket()) {
                    client.connect(server.localAddress());
                    assertThat(client.getInputStream().read()).isEqualTo(-1);
                }
            }

            assertThat(tasks.get()).as("tasks meanwhile, ten in a millisecond").isLessThan(20_000);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Adds itself again and again, as connections do that have many requests waiting. */
    private record Endless(EventLoop loop, AtomicLong runs) implements Runnable {
        @Override
        public void run() {
            long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(100);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            runs.incrementAndGet();
            if (!loop.isShuttingDown()) {
                loop.execute(this);
            }
        }
    }

    @Sharable
    private static final class EndAtOnce extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.close();
        }
    }

    private static String threadOf(Channel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> Thread.currentThread().getName())
                .get(10, TimeUnit.SECONDS);
    }

    static Stream<Transport> transports() {
        return Epoll.isAvailable() ? Stream.of(Transport.EPOLL, Transport.NIO) : Stream.of(Transport.NIO);
    }
}
