package io.hipache.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Reads small DATA frames of one stream that arrive behind one another as one frame (RFC 9113 §6.1): each by itself costs
 * as much as a thousand bytes. Only whole frames without flags on an open stream are joined. All other bytes go to Netty's
 * reader, which also refuses what must not be there. Confined to the event loop.
 */
final class SmallDataFrames implements Http2FrameReader {
    /** Frames with fewer bytes are joined. */
    private static final int SMALL = 1024;
    /** The most bytes of a joined frame, below the largest frame that a client may send. */
    private static final int MOST = 8 * SMALL;

    private static final int HEAD = 9;

    private final Http2FrameReader reader;
    private final Http2Connection connection;
    /** How many bytes of a frame that the reader has got in part are still unread. */
    private int owed;
    /** Whether the reader has got a header block that goes on in the next frame. */
    private boolean inBlock;

    SmallDataFrames(Http2FrameReader reader, Http2Connection connection) {
        this.reader = reader;
        this.connection = connection;
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf in, Http2FrameListener listener) throws Http2Exception {
        while (in.isReadable()) {
            if (owed == 0 && isJoined(in, in.readerIndex())) {
                if (!join(ctx, in, listener)) {
                    return;
                }
            } else if (!passOn(ctx, in, listener)) {
                return;
            }
        }
    }

    /** Passes on what stands before the next small frame, and returns whether there is one. */
    private boolean passOn(ChannelHandlerContext ctx, ByteBuf in, Http2FrameListener listener) throws Http2Exception {
        int end = in.writerIndex();
        int next = in.readerIndex() + owed;
        boolean found = false;
        while (!found && next <= end - HEAD) {
            found = isJoined(in, next);
            if (!found) {
                noteBlock(in.getByte(next + 3), in.getByte(next + 4));
                next += HEAD + in.getUnsignedMedium(next);
            }
        }
        if (found) {
            in.writerIndex(next);
        }
        try {
            reader.readFrame(ctx, in, listener);
        } finally {
            in.writerIndex(end);
            owed = Math.max(0, next - in.readerIndex());
        }
        return found && owed == 0;
    }

    private void noteBlock(byte type, byte flags) {
        if (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION) {
            inBlock = (flags & Http2Flags.END_HEADERS) == 0;
        }
    }

    /** Whether a small frame begins at {@code at}, complete or not. */
    private boolean isJoined(ByteBuf in, int at) {
        if (inBlock || in.writerIndex() - at < HEAD) {
            return false;
        }
        int length = in.getUnsignedMedium(at);
        if (length == 0 || length >= SMALL || in.getUnsignedShort(at + 3) != Http2FrameTypes.DATA << 8) {
            return false;
        }
        Http2Stream stream = connection.stream(in.getInt(at + 5));
        return stream != null && stream.state().remoteSideOpen();
    }

    /** Joins frames and hands them on. Returns false when the first one is not complete. */
    private boolean join(ChannelHandlerContext ctx, ByteBuf in, Http2FrameListener listener) throws Http2Exception {
        int at = in.readerIndex();
        int end = in.writerIndex();
        int id = in.getInt(at + 5);
        int length = in.getUnsignedMedium(at);
        if (at + HEAD + length > end) {
            return false;
        }
        ByteBuf joined = ctx.alloc().buffer(Math.min(end - at, MOST), MOST);
        try {
            do {
                joined.writeBytes(in, at + HEAD, length);
                at += HEAD + length;
                length = at <= end - HEAD ? in.getUnsignedMedium(at) : 0;
            } while (length > 0
                    && length < SMALL
                    && length <= joined.maxWritableBytes()
                    && at + HEAD + length <= end
                    && in.getUnsignedShort(at + 3) == Http2FrameTypes.DATA << 8
                    && in.getInt(at + 5) == id);
            in.readerIndex(at);
            listener.onDataRead(ctx, id, joined, 0, false);
        } finally {
            joined.release();
        }
        return true;
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }
}
