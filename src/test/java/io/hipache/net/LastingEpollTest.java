package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.testing.BigBody;
import io.hipache.testing.RawClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LastingEpollTest {
    private final BlockingQueue<Channel> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Channel> begun = new LinkedBlockingQueue<>();
    private final AtomicInteger read = new AtomicInteger();
    private EventLoopGroup group;
    private Channel server;

    @BeforeEach
    void listen() throws Exception {
        assumeTrue(Epoll.isAvailable());
        group = Transport.EPOLL.newEventLoop("loop of a test");
        server = new ServerBootstrap()
                .group(group)
                .channel(Transport.EPOLL.serverChannel())
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new Served())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void end() throws Exception {
        if (group != null) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void whatTheKernelDoesNotTakeAtOnceIsSentToAClientThatHasEndedItsOutput() throws Exception {
        BigBody body = BigBody.ofMebibytes(32);
        try (RawClient client = RawClient.connectWithReceiveBuffer(port(), 64 << 10)) {
            client.finishSending();
            Channel channel = ended.take();
            ByteBuf bytes = channel.alloc().buffer((int) body.length());
            body.writeTo(new ByteBufOutputStream(bytes));
            channel.writeAndFlush(bytes);
            await().until(() ->
                    channel.eventLoop().submit(() -> !channel.isWritable()).get());

            assertThat(client.readDigest(body.length())).isEqualTo(body.digest());
        }
    }

    @Test
    void aResetIsNoticedBehindTheEndOfTheInput() throws Exception {
        try (RawClient client = RawClient.connect(port())) {
            client.finishSending();
            Channel channel = ended.take();

            client.reset();

            await().until(() -> !channel.isOpen());
        }
    }

    @Test
    void whatCameWhileNothingWasReadIsReadBehindTheEndOfTheInput() throws Exception {
        try (RawClient client = RawClient.connect(port())) {
            Channel channel = begun.take();
            channel.eventLoop()
                    .submit(() -> channel.config().setAutoRead(false))
                    .get();
            client.send(new BigBody(60_000)).finishSending();
            // epoll tells of the end, and one buffer is read although nothing was to be read
            await().until(() -> read.get() > 0);

            channel.eventLoop().submit(() -> channel.config().setAutoRead(true)).get();

            assertThat(ended.take()).isSameAs(channel);
            assertThat(read).hasValue(60_000);
            assertThat(channel.isOpen()).isTrue();
        }
    }

    private int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private final class Served extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            begun.add(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            read.addAndGet(bytes.readableBytes());
            bytes.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                // once the channel has told epoll what it still waits for
                ctx.channel().eventLoop().execute(() -> ended.add(ctx.channel()));
            } else {
                assertThat(event).isInstanceOf(ChannelInputShutdownEvent.class);
            }
        }
    }
}
