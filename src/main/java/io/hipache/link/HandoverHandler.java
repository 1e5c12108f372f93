package io.hipache.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The supervisor's end of one connection to the {@link SocketHandover}. */
final class HandoverHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(HandoverHandler.class);
    private static final int MAX_TOKEN_CHARS = 64;

    private final Map<SocketHandover.Offer, List<FileDescriptor>> offers;
    private final StringBuilder token = new StringBuilder();

    HandoverHandler(Map<SocketHandover.Offer, List<FileDescriptor>> offers) {
        this.offers = offers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
        ByteBuf bytes = (ByteBuf) message;
        try {
            token.append(bytes.toString(StandardCharsets.ISO_8859_1));
        } finally {
            bytes.release();
        }
        int end = token.indexOf("\n");
        if (end >= 0) {
            answer(ctx, token.substring(0, end));
        } else if (token.length() > MAX_TOKEN_CHARS) {
            answer(ctx, "");
        }
    }

    private void answer(ChannelHandlerContext ctx, String shown) throws IOException {
        long pid = ((EpollDomainSocketChannel) ctx.channel()).peerCredentials().pid();
        // only one process can use a token, so this comparison need not take constant time
        List<FileDescriptor> sockets = offers.remove(new SocketHandover.Offer(pid, shown));
        if (sockets == null) {
            log.warn("process {} asked for listening sockets that it was not offered, and gets none", pid);
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
        log.warn("cannot hand over listening sockets: {}", String.valueOf(cause));
        ctx.close();
    }
}
