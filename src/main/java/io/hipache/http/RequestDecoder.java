package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First handler of a client connection, behind TLS: bytes to {@link RequestHead}, {@link ByteBuf} (whose owner the next
 * handler becomes) and, behind a body that is not empty, {@link BodyEnd}. One request at a time: what follows a complete
 * request stays undecoded until {@link #next()}. A {@link MalformedMessage} is passed on as a message, and everything
 * after it is thrown away.
 */
public final class RequestDecoder extends ByteToMessageDecoder {
    /** The longest request head, in bytes; nginx and HAProxy default to 32 and 16 KiB. */
    public static final int LONGEST_HEAD = 32 * 1024;

    private enum State {
        HEAD,
        BODY,
        COMPLETE,
        OVER
    }

    private final HeadScanner scanner = new HeadScanner(LONGEST_HEAD);
    private final BodyReader body = new BodyReader(LONGEST_HEAD);
    private State state = State.HEAD;
    private boolean decoding;
    private @Nullable ChannelHandlerContext context;

    /** Whether bytes of a later request wait here. */
    public boolean holdsBytes() {
        return state == State.COMPLETE && actualReadableBytes() > 0;
    }

    /** Whether a request has begun to arrive and its head is not complete. */
    public boolean inHead() {
        return state == State.HEAD && actualReadableBytes() > 0;
    }

    /** Goes on with the next request of this connection. */
    public void next() {
        if (state != State.COMPLETE) {
            throw new IllegalStateException("the request is not complete: " + state);
        }
        state = State.HEAD;
        // within callDecode its loop goes on by itself
        if (!decoding && context != null && actualReadableBytes() > 0) {
            decodeHeld(context);
        }
    }

    /** No other request is wanted: throws away whatever else arrives, so that nothing gathers until the connection ends. */
    public void ignoreRest() {
        state = State.OVER;
    }

    private void decodeHeld(ChannelHandlerContext ctx) {
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            channelReadComplete(ctx);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    protected void callDecode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        decoding = true;
        try {
            super.callDecode(ctx, in, out);
        } finally {
            decoding = false;
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        try {
            switch (state) {
                case HEAD -> readHead(in, out);
                case BODY -> {
                    if (body.read(in, out)) {
                        state = State.COMPLETE;
                    }
                }
                case COMPLETE -> {
                    // the bytes of the next request wait
                }
                case OVER -> in.skipBytes(in.readableBytes());
            }
        } catch (MalformedMessage malformed) {
            state = State.OVER;
            in.skipBytes(in.readableBytes());
            out.add(malformed);
        }
    }

    private void readHead(ByteBuf in, List<Object> out) {
        skipEmptyLines(in);
        if (!in.isReadable() || isHalfLineEnd(in)) {
            return;
        }
        if (!Ascii.isToken(in.getByte(in.readerIndex()))) {
            throw MalformedMessage.because("malformed request line");
        }
        byte[] bytes = scanner.take(in);
        if (bytes == null) {
            return;
        }
        RequestHead head = HeadParser.request(bytes);
        out.add(head);
        if (head.framing().isEmpty()) {
            state = State.COMPLETE;
        } else {
            body.begin(head.framing());
            state = State.BODY;
        }
    }

    /** Empty lines before a request line are ignored (RFC 9112 §2.2). */
    private static void skipEmptyLines(ByteBuf in) {
        while (in.isReadable()) {
            int start = in.readerIndex();
            if (in.getByte(start) == '\n') {
                in.skipBytes(1);
            } else if (in.getByte(start) == '\r' && in.readableBytes() > 1 && in.getByte(start + 1) == '\n') {
                in.skipBytes(2);
            } else {
                return;
            }
        }
    }

    private static boolean isHalfLineEnd(ByteBuf in) {
        return in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r';
    }
}
