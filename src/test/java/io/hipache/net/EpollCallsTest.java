package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.testing.RawClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often {@link LastingEpoll} tells the kernel what a connection waits for. */
final class EpollCallsTest {
    private final List<EpollIoOps> told = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Channel> served = new LinkedBlockingQueue<>();
    private EventLoopGroup group;
    private volatile Channel server;

    @BeforeEach
    void start() {
        assumeTrue(Epoll.isAvailable());
        IoHandlerFactory factory = executor ->
                new LastingEpoll(new Recording(EpollIoHandler.newFactory().newHandler(executor)));
        group = new MultiThreadIoEventLoopGroup(1, factory);
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new PausingEcho())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aConnectionThatIsAcceptedIsOneCall() throws Exception {
        try (RawClient client = connect()) {
            client.send("x");
            assertThat(client.readBytes(1)).isEqualTo("x");

            assertThat(told).hasSize(1);
            assertThat(told.get(0).contains(EpollIoOps.EPOLLIN)).isTrue();
        }
    }

    @Test
    void readingThatStopsAndGoesOnWithinOneEventIsNone() throws Exception {
        try (RawClient client = connect()) {
            for (int i = 0; i < 10; i++) {
                client.send("x");
                assertThat(client.readBytes(1)).isEqualTo("x");
            }

            assertThat(told).hasSize(1);
        }
    }

    @Test
    void readingThatStopsForLongerIsTold() throws Exception {
        try (RawClient client = connect()) {
            Channel channel = served.take();
            // else reading could stop within the turn that accepts
            await().until(() -> told.size() == 1);
            channel.eventLoop()
                    .submit(() -> channel.config().setAutoRead(false))
                    .get();
            await().until(() -> told.size() == 2);
            client.send("x");
            assertThat(told.get(1).contains(EpollIoOps.EPOLLIN)).isFalse();

            channel.eventLoop().submit(() -> channel.config().setAutoRead(true)).get();

            assertThat(client.readBytes(1)).isEqualTo("x");
            assertThat(told).hasSize(3);
        }
    }

    private RawClient connect() {
        return RawClient.connect(((InetSocketAddress) server.localAddress()).getPort());
    }

    /** Does not read while it writes. */
    private final class PausingEcho extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            served.add(ctx.channel());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            ctx.channel().config().setAutoRead(false);
            ctx.writeAndFlush(message.retain())
                    .addListener(written -> ctx.channel().config().setAutoRead(true));
        }
    }

    /** Remembers what Netty's epoll is told about accepted connections. */
    private final class Recording implements IoHandler {
        private final IoHandler epoll;

        Recording(IoHandler epoll) {
            this.epoll = epoll;
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            IoRegistration registration = epoll.register(handle);
            return server == null ? registration : new Told(registration);
        }

        @Override
        public int run(IoHandlerContext context) {
            return epoll.run(context);
        }

        @Override
        public void initialize() {
            epoll.initialize();
        }

        @Override
        public void prepareToDestroy() {
            epoll.prepareToDestroy();
        }

        @Override
        public void destroy() {
            epoll.destroy();
        }

        @Override
        public void wakeup() {
            epoll.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return epoll.isCompatible(type);
        }
    }

    private final class Told implements IoRegistration {
        private final IoRegistration registration;

        Told(IoRegistration registration) {
            this.registration = registration;
        }

        @Override
        public long submit(IoOps ops) {
            told.add((EpollIoOps) ops);
            return registration.submit(ops);
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty has it so
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
