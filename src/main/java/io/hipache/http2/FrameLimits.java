package io.hipache.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import org.jspecify.annotations.Nullable;

/**
 * Charges a client's {@link FrameBudget} for frames that carry nothing, including frames on closed streams, before any
 * other code sees them. CONTINUATION frames are not charged: the frame reader below limits their number and the length
 * of the block.
 */
final class FrameLimits implements Http2FrameReader {
    /** The cost of a frame that demands an answer while the client does not read the answers. */
    private static final int UNFETCHED = 8;

    /** The size of the compression table for responses (RFC 7541 §4.2), in bytes. */
    private static final long LARGEST_TABLE = 4096;

    private final Http2FrameReader reader;
    private final FrameBudget budget;
    private @Nullable Counter counter;
    /** Where in the input the last frame ended that was passed on, while the input is read; else -1. */
    private int deliveredAt;

    private @Nullable ByteBuf input;
    private int undelivered;

    FrameLimits(Http2FrameReader reader, FrameBudget budget) {
        this.reader = reader;
        this.budget = budget;
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf bytes, Http2FrameListener listener) throws Http2Exception {
        Counter current = counter;
        // the decoder changes its listener once, behind the connection preface
        if (current == null || current.counted != listener) {
            current = new Counter(listener);
            counter = current;
        }
        int begin = bytes.readerIndex();
        input = bytes;
        deliveredAt = -1;
        try {
            reader.readFrame(ctx, bytes, current);
        } finally {
            input = null;
        }
        undelivered = deliveredAt < 0 ? undelivered + bytes.readerIndex() - begin : bytes.readerIndex() - deliveredAt;
    }

    /** How many bytes have been read since the last frame that was passed on: those of an incomplete header block. */
    int undelivered() {
        return undelivered;
    }

    private void delivered() {
        if (input != null) {
            deliveredAt = input.readerIndex();
        }
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    private void charge(int cost, String what) throws Http2Exception {
        delivered();
        if (!budget.spend(cost)) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many %s", what);
        }
    }

    private final class Counter extends Http2FrameListenerDecorator {
        private final Http2FrameListener counted;

        private Counter(Http2FrameListener counted) {
            super(counted);
            this.counted = counted;
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
                throws Http2Exception {
            delivered();
            if (!data.isReadable() && !endOfStream) {
                charge(1, "empty DATA frames");
            }
            return super.onDataRead(ctx, streamId, data, padding, endOfStream);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
                throws Http2Exception {
            delivered();
            super.onHeadersRead(ctx, streamId, headers, padding, endStream);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int streamId,
                Http2Headers headers,
                int streamDependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean endStream)
                throws Http2Exception {
            delivered();
            super.onHeadersRead(ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream);
        }

        @Override
        public void onPriorityRead(
                ChannelHandlerContext ctx, int streamId, int streamDependency, short weight, boolean exclusive)
                throws Http2Exception {
            charge(1, "PRIORITY frames");
            super.onPriorityRead(ctx, streamId, streamDependency, weight, exclusive);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) throws Http2Exception {
            charge(FrameBudget.LOST_STREAM, "RST_STREAM frames");
            super.onRstStreamRead(ctx, streamId, errorCode);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
            charge(answerCost(ctx), "SETTINGS frames");
            Long table = settings.headerTableSize();
            if (table != null && table > LARGEST_TABLE) {
                // the client may offer a larger table, but it does not decide how much memory the proxy uses
                settings.headerTableSize(LARGEST_TABLE);
            }
            super.onSettingsRead(ctx, settings);
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            charge(answerCost(ctx), "PING frames");
            super.onPingRead(ctx, data);
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int windowSizeIncrement)
                throws Http2Exception {
            charge(1, "WINDOW_UPDATE frames");
            super.onWindowUpdateRead(ctx, streamId, windowSizeIncrement);
        }

        @Override
        public void onUnknownFrame(
                ChannelHandlerContext ctx, byte frameType, int streamId, Http2Flags flags, ByteBuf payload)
                throws Http2Exception {
            charge(1, "unknown frames");
            super.onUnknownFrame(ctx, frameType, streamId, flags, payload);
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData)
                throws Http2Exception {
            charge(1, "GOAWAY frames");
            super.onGoAwayRead(ctx, lastStreamId, errorCode, debugData);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
            charge(1, "SETTINGS frames");
            super.onSettingsAckRead(ctx);
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            charge(1, "PING frames");
            super.onPingAckRead(ctx, data);
        }

        private static int answerCost(ChannelHandlerContext ctx) {
            return ctx.channel().isWritable() ? 1 : UNFETCHED;
        }
    }
}
