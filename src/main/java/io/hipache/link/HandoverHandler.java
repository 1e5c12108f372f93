package io.hipache.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The supervisor's end of one connection to the {@link SocketHandover}: reads the token and gives the sockets. The
 * connection ends with the first answer, or after a time limit.
 */
final class HandoverHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(HandoverHandler.class);

    private final SocketHandover.Offers offers;
    private final long pid;
    private final StringBuilder token = new StringBuilder();
    private boolean answered;
    private @Nullable Future<?> timeLimit;

    HandoverHandler(SocketHandover.Offers offers, long pid) {
        this.offers = offers;
        this.pid = pid;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        timeLimit =
                ctx.executor().schedule(() -> ctx.close(), SocketHandover.TIME_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timeLimit != null) {
            timeLimit.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (!answered && bytes.isReadable()) {
                byte next = bytes.readByte();
                if (next == '\n' || token.length() == SocketHandover.TOKEN_CHARS) {
                    answered = true;
                    answer(ctx, next == '\n' ? token.toString() : "");
                } else {
                    token.append((char) (next & 0xff));
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void answer(ChannelHandlerContext ctx, String shown) {
        List<FileDescriptor> sockets = offers.take(pid, shown);
        if (sockets == null) {
            log.warn("process {} asked for listening sockets with a wrong token, and gets none from now on", pid);
            ctx.close();
            return;
        }
        for (FileDescriptor socket : sockets) {
            ctx.write(socket);
        }
        ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, @Nullable Throwable cause) {
        log.warn("cannot hand over listening sockets to process {}: {}", pid, String.valueOf(cause));
        ctx.close();
    }
}
