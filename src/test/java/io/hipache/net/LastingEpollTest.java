package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.BigBody;
import io.hipache.testing.RawClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class LastingEpollTest {
    private final BlockingQueue<Channel> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Channel> begun = new LinkedBlockingQueue<>();
    private final AtomicInteger read = new AtomicInteger();

    @AutoClose
    private final EpollServer server = new EpollServer(new Served());

    @Test
    void whatTheKernelDoesNotTakeAtOnceIsSentToAClientThatHasEndedItsOutput() throws Exception {
        BigBody body = BigBody.ofMebibytes(32);
        try (RawClient client = RawClient.connectWithReceiveBuffer(server.port(), 64 << 10)) {
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
        try (RawClient client = RawClient.connect(server.port())) {
            client.finishSending();
            Channel channel = ended.take();

            client.reset();

            await().until(() -> !channel.isOpen());
        }
    }

    @Test
    void whatCameWhileNothingWasReadIsReadBehindTheEndOfTheInput() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
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
