package io.hipache.worker.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * A client of a {@link WarmUp} that speaks HTTP/2 (RFC 9113). It sends some requests at once, and closes its connection when
 * all are answered.
 */
final class WarmUpHttp2Client extends ByteToMessageDecoder {
    /** Their answers fit into the window of a connection, so no frame has to open it (RFC 9113 §6.9.2). */
    static final int REQUESTS = 20;

    private static final int HEADER_BYTES = 9;
    private static final int FLAGS_INDEX = 4;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int END_STREAM = 1;

    private static final byte[] BYTES = WarmUpStranger.http2(requests());

    private final Channel channel;
    private final Runnable answered;
    private final Runnable ended;
    private int left = REQUESTS;

    /**
     * @param answered called for each answer
     * @param ended called when the connection has ended
     */
    WarmUpHttp2Client(Channel channel, Runnable answered, Runnable ended) {
        this.channel = channel;
        this.answered = answered;
        this.ended = ended;
        channel.pipeline().addLast(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.writeAndFlush(channel.alloc().directBuffer(BYTES.length).writeBytes(BYTES));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < HEADER_BYTES) {
            return;
        }
        int frame = HEADER_BYTES + in.getUnsignedMedium(in.readerIndex());
        if (in.readableBytes() < frame) {
            return;
        }
        int type = in.getUnsignedByte(in.readerIndex() + FLAGS_INDEX - 1);
        int flags = in.getUnsignedByte(in.readerIndex() + FLAGS_INDEX);
        in.skipBytes(frame);
        if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
            answered.run();
            if (--left == 0) {
                ctx.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        ended.run();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static String requests() {
        StringBuilder requests = new StringBuilder();
        for (int stream = 1; stream < 2 * REQUESTS; stream += 2) {
            // END_STREAM and END_HEADERS; GET https / www.warm.up, and a user agent
            requests.append(WarmUpStranger.frame(
                    HEADERS, 5, stream, "\u0082\u0087\u0084\u0001\u000bwww.warm.up\u000f+\u0007warm-up"));
        }
        return requests.toString();
    }
}
