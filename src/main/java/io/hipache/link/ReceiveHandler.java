package io.hipache.link;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's end of its connection to the {@link SocketHandover}: sends the token and collects the sockets. */
final class ReceiveHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ReceiveHandler.class);

    private final String token;
    private final int count;
    private final Promise<List<FileDescriptor>> received;
    private final List<FileDescriptor> sockets = new ArrayList<>();
    private boolean handedOut;

    ReceiveHandler(String token, int count, Promise<List<FileDescriptor>> received) {
        this.token = token;
        this.count = count;
        this.received = received;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(ctx.alloc().buffer().writeBytes((token + "\n").getBytes(CharsetUtil.US_ASCII)));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        sockets.add((FileDescriptor) message);
        if (sockets.size() == count) {
            handedOut = received.trySuccess(List.copyOf(sockets));
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(new IOException("the supervisor gave " + sockets.size() + " of " + count + " listening sockets"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            fail(cause);
        }
        // a reset tells no more than an end
        ctx.close();
    }

    private void fail(Throwable cause) {
        received.tryFailure(cause);
        if (!handedOut) {
            sockets.forEach(ReceiveHandler::close);
            sockets.clear();
        }
    }

    private static void close(FileDescriptor socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("closing a listening socket failed: {}", e.toString());
        }
    }
}
