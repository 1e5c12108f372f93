package io.hipache.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import org.jspecify.annotations.Nullable;

/**
 * Answers to the PING and SETTINGS frames of a client (RFC 9113 §6.5.3, §6.7). Those of one turn are gathered: each as a frame of
 * its own would cost much more. Confined to the event loop.
 */
final class Acknowledgements {
    /** The bytes of the longest one, that of a ping, with the head of its frame. */
    private static final int LONGEST = 17;

    /** All at once: a buffer that grows with a flood costs more. TLS frees it at the end of the read. */
    private static final int MOST_BYTES = 256 * LONGEST;

    private static final short ACK = new Http2Flags().ack(true).value();

    private @Nullable ChannelHandlerContext context;
    /** Answers that have not been written yet. */
    private @Nullable ByteBuf gathered;

    /** Answers a ping. */
    void ping(ChannelHandlerContext ctx, long data) {
        frame(ctx, Http2FrameTypes.PING, Long.BYTES).writeLong(data);
    }

    /** Answers SETTINGS. What follows those settings must be written behind a {@link #pass}. */
    void settings(ChannelHandlerContext ctx) {
        frame(ctx, Http2FrameTypes.SETTINGS, 0);
    }

    private ByteBuf frame(ChannelHandlerContext ctx, byte type, int length) {
        if (gathered != null && !gathered.isWritable(LONGEST)) {
            pass();
        }
        ByteBuf answers = gathered;
        if (answers == null) {
            answers = ctx.alloc().buffer(MOST_BYTES);
            gathered = answers;
            context = ctx;
        }
        return answers.writeMedium(length).writeByte(type).writeByte(ACK).writeInt(0);
    }

    /** Writes what was gathered, without flushing. To be called at the end of a read. */
    void pass() {
        ByteBuf answers = gathered;
        if (answers != null && context != null) {
            gathered = null;
            context.write(answers);
        }
    }

    /** The connection is closed. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
