package io.hipache.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import org.jspecify.annotations.Nullable;

/**
 * Answers to the pings of a client (RFC 9113 §6.7). Those of one turn are gathered: each as a frame of its own would cost much
 * more. Confined to the event loop.
 */
final class Pongs {
    /** The bytes of an answer to a ping, with the head of its frame. */
    private static final int PONG = 17;

    private static final int MOST_PONGS = 256;

    private final FrameHandler connection;
    /** Answers that have not been written yet. */
    private @Nullable ByteBuf pongs;

    Pongs(FrameHandler connection) {
        this.connection = connection;
    }

    /** Answers a ping together with others that came in the same turn. */
    void answer(long data) {
        ByteBuf answers = pongs;
        if (answers == null) {
            answers = connection.channel().alloc().buffer(PONG, MOST_PONGS * PONG);
            pongs = answers;
        }
        answers.writeMedium(Long.BYTES)
                .writeByte(Http2FrameTypes.PING)
                .writeByte(new Http2Flags().ack(true).value())
                .writeInt(0)
                .writeLong(data);
        if (!answers.isWritable(PONG)) {
            pass();
        }
    }

    /** Writes what was gathered, without flushing. To be called at the end of a read. */
    void pass() {
        ByteBuf answers = pongs;
        if (answers != null) {
            pongs = null;
            connection.context().write(answers);
        }
    }

    /** The connection is closed. */
    void release() {
        if (pongs != null) {
            pongs.release();
            pongs = null;
        }
    }
}
