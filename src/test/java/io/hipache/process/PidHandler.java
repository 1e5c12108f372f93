package io.hipache.process;

import io.hipache.net.IdleTimeOver;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.ExchangeEnds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers every request with the process id: at once, after as many milliseconds as its target names, or when the client
 * sends more, to {@code /told}.
 */
final class PidHandler extends ChannelInboundHandlerAdapter {
    private final Consumer<ExchangeEnd> accessLog;
    private boolean answering;

    PidHandler(Consumer<ExchangeEnd> accessLog) {
        this.accessLog = accessLog;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (answering) {
            bytes.release();
            answer(ctx);
            return;
        }
        String target = bytes.toString(StandardCharsets.US_ASCII).split(" ", 3)[1];
        bytes.release();
        answering = true;
        System.out.println("a stray print must not disturb the messages");
        if (!target.equals("/told")) {
            ctx.executor().schedule(() -> answer(ctx), Long.parseLong(target.substring(1)), TimeUnit.MILLISECONDS);
        }
    }

    private void answer(ChannelHandlerContext ctx) {
        String pid = String.valueOf(ProcessHandle.current().pid());
        String response = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + pid;
        accessLog.accept(ExchangeEnds.answered(
                "::1", System.currentTimeMillis(), "GET / HTTP/1.1", 200, response.length(), "", "", pid, 0, 0));
        ctx.writeAndFlush(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleTimeOver && !answering) {
            ctx.close();
        }
    }
}
