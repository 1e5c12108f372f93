package io.hipache.worker.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A client of a {@link WarmUp} that sends what only mistakes and attackers send. It reads until the worker ends the
 * connection. Without it, the first attack would find this code interpreted, at many times its cost.
 */
final class WarmUpStranger extends ChannelInboundHandlerAdapter {
    /** The host that the {@link WarmUpStore} does not know. */
    static final String UNKNOWN_HOST = "nobody.warm.up";

    private static final String MALFORMED = "GET / HTTP/1.1\r\nHost: www.warm.up\r\nno field\r\n\r\n";
    private static final String PLAIN = "GET / HTTP/1.1\r\nHost: www.warm.up\r\n\r\n";

    /** For a listener of plain HTTP: the bytes of one connection each. All end with what makes the worker close. */
    static final List<byte[]> TO_PLAIN = bytes(
            times(24, MALFORMED),
            times(3, "GET / HTTP/1.1\r\nHost: " + UNKNOWN_HOST + "\r\n\r\n", 20),
            times(2, "GET / HTTP/1.1\r\nHost: www.warm.up\r\n" + "x-field: v\r\n".repeat(600) + "\r\n", 4),
            times(
                    2,
                    "POST / HTTP/1.1\r\nHost: www.warm.up\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "1\r\nx\r\n".repeat(2000) + "0\r\n\r\n",
                    2));

    /** The same for a listener of TLS, which gets it without TLS. */
    static final List<byte[]> TO_TLS = bytes(times(16, PLAIN));

    /**
     * The same through TLS, for HTTP/2 (RFC 9113): more frames that carry nothing than the worker puts up with. On a busy
     * machine they may come slowly enough to be put up with, so a ping of the wrong length comes last.
     */
    static final List<byte[]> HTTP2 = Collections.nCopies(
            4,
            http2(
                    // POST https / www.warm.up
                    frame(1, 4, 1, "\u0083\u0087\u0084\u0001\u000bwww.warm.up")
                            + frame(0, 0, 1, "x").repeat(500)
                            + frame(0, 1, 1, "x")
                            + (frame(6, 0, 0, "12345678") + frame(4, 0, 0, "\0\4\0\0\u00ff\u00ff\0\5\0\0@\0"))
                                    .repeat(520)
                            + frame(6, 0, 0, "")));

    private final Channel channel;
    private final byte[] bytes;
    private final Runnable ended;

    /** @param ended called when the connection has ended */
    WarmUpStranger(Channel channel, byte[] bytes, Runnable ended) {
        this.channel = channel;
        this.bytes = bytes;
        this.ended = ended;
        channel.pipeline().addLast(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.writeAndFlush(channel.alloc().directBuffer(bytes.length).writeBytes(bytes));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ((ByteBuf) message).release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended.run();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static List<String> times(int connections, String text) {
        return Collections.nCopies(connections, text);
    }

    private static List<String> times(int connections, String request, int requests) {
        return times(connections, request.repeat(requests) + MALFORMED);
    }

    @SafeVarargs
    private static List<byte[]> bytes(List<String>... texts) {
        List<byte[]> bytes = new ArrayList<>();
        for (List<String> same : texts) {
            bytes.addAll(Collections.nCopies(same.size(), same.get(0).getBytes(StandardCharsets.ISO_8859_1)));
        }
        return List.copyOf(bytes);
    }

    /** The preface of a client, its settings, and frames. */
    static byte[] http2(String frames) {
        return ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") + frames).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** @param payload each character is a byte */
    static String frame(int type, int flags, int stream, String payload) {
        return "\0\0" + (char) payload.length() + (char) type + (char) flags + "\0\0\0" + (char) stream + payload;
    }
}
