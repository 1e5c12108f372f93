package io.hipache.worker.warmup;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The backend of a {@link WarmUp}. It answers every other request with a length, the others in chunks. After some answers it
 * closes the connection, so that the worker opens as many connections as its clients do.
 */
final class WarmUpBackend extends ChannelInboundHandlerAdapter {
    private static final String HEAD =
            """
            HTTP/1.1 200 OK
            Server: warm-up
            Date: Thu, 01 Jan 1970 00:00:00 GMT
            Content-Type: text/html; charset=utf-8
            Cache-Control: private, max-age=0
            Set-Cookie: session=0123456789abcdef0123456789abcdef; path=/; HttpOnly
            Vary: Accept-Encoding
            """;

    private static final String BODY = "0123456789abcdef".repeat(64);

    private static final ByteBuf WITH_LENGTH = message("Content-Length: " + BODY.length() + "\n\n", BODY);
    private static final ByteBuf IN_CHUNKS = message(
            "Transfer-Encoding: chunked\n\n", Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n");

    private static final ByteBuf LAST = message("Connection: close\nContent-Length: " + BODY.length() + "\n\n", BODY);

    private final RequestDecoder decoder;
    private int answered;

    /** A backend that is dead: it has an address, which nobody else can take, and refuses connections. */
    static Socket refusing() throws IOException {
        Socket bound = new Socket();
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return bound;
    }

    private WarmUpBackend(RequestDecoder decoder) {
        this.decoder = decoder;
    }

    /** Equips an accepted connection. */
    static void serve(Channel channel) {
        RequestDecoder decoder = new RequestDecoder();
        channel.pipeline().addLast(decoder, new WarmUpBackend(decoder));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytes.release();
        } else if (message instanceof BodyEnd
                || (message instanceof RequestHead head && head.framing().isEmpty())) {
            answer(ctx);
        }
    }

    private void answer(ChannelHandlerContext ctx) {
        if (++answered == WarmUp.REQUESTS_PER_CONNECTION) {
            ctx.writeAndFlush(LAST.duplicate()).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.writeAndFlush((answered & 1) == 0 ? IN_CHUNKS.duplicate() : WITH_LENGTH.duplicate());
            decoder.next();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static ByteBuf message(String field, String body) {
        String text = (HEAD + field).replace("\n", "\r\n") + body;
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(text.length())
                .writeBytes(text.getBytes(StandardCharsets.US_ASCII))
                .asReadOnly());
    }
}
