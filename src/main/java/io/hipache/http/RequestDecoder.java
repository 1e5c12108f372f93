package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First handler of a client connection, or the next one behind TLS. It turns bytes into a {@link RequestHead}, then the
 * body as {@link ByteBuf}s, which the next handler owns, then a {@link BodyEnd}. A request without a body is its
 * {@link RequestHead} alone.
 *
 * <p>The decoder passes on one request at a time: bytes behind a complete request stay undecoded until {@link #next()}
 * is called. A {@link MalformedMessage} is passed on like a message, and everything that follows is thrown away.
 * Confined to the event loop.
 */
public final class RequestDecoder extends ByteToMessageDecoder {
    /**
     * The length of the longest accepted request head, in bytes. The defaults are 32 KiB in nginx and 16 KiB in
     * HAProxy. The limit holds for a trailer section too.
     */
    public static final int LONGEST_HEAD = 32 * 1024;

    /** A buffer up to this size may wait for the rest of a head as it is. */
    private static final int LONG_WAIT = 4 * 1024;

    /** Of a request that cannot be read, at most so many bytes of its first line are told. */
    public static final int LONGEST_START_LINE = 1024;

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

    /** Whether the current request is complete and bytes of the next one wait here. */
    public boolean holdsBytes() {
        return state == State.COMPLETE && actualReadableBytes() > 0;
    }

    /** Whether a request has begun to arrive, but its head is not complete. */
    public boolean inHead() {
        return state == State.HEAD && actualReadableBytes() > 0;
    }

    /** Whether this call comes from the decoder itself, which goes on with the bytes that it holds. */
    public boolean isDecoding() {
        return decoding;
    }

    /** How much memory the bytes take that wait here undecoded. */
    public int heldBytes() {
        return actualReadableBytes() == 0 ? 0 : internalBuffer().capacity();
    }

    /**
     * Starts to decode the next request of this connection.
     *
     * @throws IllegalStateException when the current request is not complete
     */
    public void next() {
        if (state != State.COMPLETE) {
            throw new IllegalStateException("the request is not complete: " + state);
        }
        state = State.HEAD;
        // inside callDecode, its loop continues with the next request
        if (!decoding && context != null && actualReadableBytes() > 0) {
            decodeHeld(context);
        }
    }

    /** Throws away everything that arrives from now on, so that no bytes accumulate until the connection ends. */
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

    /** The client has ended its output. The requests that are held here are still served. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // past the superclass, which throws away what it holds
        ctx.fireUserEventTriggered(event);
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
                    // the bytes of the next request stay undecoded
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
        int start = in.readerIndex();
        try {
            readHeadLines(in, out);
        } catch (MalformedMessage malformed) {
            throw malformed.beginningWith(startLine(in, start));
        }
    }

    private void readHeadLines(ByteBuf in, List<Object> out) {
        if (!Ascii.isToken(in.getByte(in.readerIndex()))) {
            throw MalformedMessage.because("malformed request line");
        }
        byte[] bytes = scanner.take(in);
        if (bytes == null) {
            shrink(in);
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

    /**
     * What there is of the first line of a request that cannot be read, for an administrator who wants to see it: the bytes
     * from {@code start} to the end of the line, one in each character.
     */
    public static String startLine(ByteBuf in, int start) {
        int limit = Math.min(in.writerIndex(), start + LONGEST_START_LINE);
        int end = start;
        while (end < limit && in.getByte(end) != '\r' && in.getByte(end) != '\n') {
            end++;
        }
        return in.toString(start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** The rest of the head may take long: until then its start takes no more memory than it needs. */
    private static void shrink(ByteBuf in) {
        if (in.capacity() > LONG_WAIT
                && in.readableBytes() < in.capacity() / 4
                && in.refCnt() == 1
                && in.unwrap() == null) {
            in.discardReadBytes().capacity(2 * in.writerIndex());
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
