package io.hipache.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One end of a {@link SuccessionLink}: turns lines into messages. Confined to the event loop. */
final class SuccessionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(SuccessionHandler.class);

    static final byte END = '\n';
    /** Enough for an offer of thousands of listening sockets. */
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    /** More than a successor waits for its offer. */
    private static final int LONGEST_SILENCE_SECONDS = 30;

    private final long pid;
    private final SuccessionLink.Listener listener;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private @Nullable SuccessionLink link;
    private @Nullable Future<?> silence;

    SuccessionHandler(long pid, SuccessionLink.Listener listener) {
        this.pid = pid;
        this.listener = listener;
    }

    /** The link of this handler's channel. Only after the handler was added to a pipeline. */
    SuccessionLink link() {
        if (link == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return link;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        link = new SuccessionLink(ctx.channel(), pid);
    }

    /** The other side speaks soon, or its connection is closed. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        silence = ctx.executor().schedule(() -> ctx.close(), LONGEST_SILENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void endSilence() {
        if (silence != null) {
            silence.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws LinkException {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable()) {
                byte next = bytes.readByte();
                if (next == END) {
                    byte[] json = line.toByteArray();
                    line.reset();
                    deliver(json);
                } else if (line.size() < MAX_MESSAGE_BYTES) {
                    line.write(next);
                } else {
                    throw new LinkException("a message is too long");
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void deliver(byte[] json) throws LinkException {
        SuccessionMessage message = SuccessionMessages.decode(json);
        if (message != null) {
            endSilence();
            listener.received(link(), message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endSilence();
        listener.closed(link());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, @Nullable Throwable cause) {
        log.warn(
                "closing the connection to supervisor #{}, its message cannot be read: {}", pid, String.valueOf(cause));
        ctx.close();
    }
}
