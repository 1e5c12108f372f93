package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * First handler of a backend connection, behind TLS: bytes to {@link ResponseHead} (interim ones too), {@link ByteBuf}
 * (whose owner the next handler becomes) and {@link BodyEnd}. Each request is announced by {@link #expect}; bytes that
 * nobody asked for are malformed. A {@link MalformedMessage} is passed on as a message, the rest is thrown away.
 */
public final class ResponseDecoder extends ByteToMessageDecoder {
    /** The longest response head, in bytes: backends set large cookies. */
    public static final int LONGEST_HEAD = 64 * 1024;

    private static final byte[] PREFIX = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    private enum State {
        IDLE,
        HEAD,
        BODY,
        SWITCHED,
        BROKEN
    }

    private final HeadScanner scanner = new HeadScanner(LONGEST_HEAD);
    private final BodyReader body = new BodyReader(LONGEST_HEAD);
    private State state = State.IDLE;
    private boolean toHead;
    private boolean begun;
    private boolean headSeen;

    /** Whether a request may be sent: no response is outstanding, and no byte waits that nobody asked for. */
    public boolean isIdle() {
        return state == State.IDLE && actualReadableBytes() == 0;
    }

    /** A request has been written; {@code toHead} when its method is HEAD, so that its response has no body. */
    public void expect(boolean toHead) {
        if (!isIdle()) {
            // bytes that came before this request would pass for its response
            throw new IllegalStateException("not idle: " + state);
        }
        this.toHead = toHead;
        begun = false;
        headSeen = false;
        state = State.HEAD;
    }

    /** Whether a byte of the outstanding response has arrived. */
    public boolean begun() {
        return begun;
    }

    /** Whether the final head of the outstanding response has arrived. */
    public boolean headSeen() {
        return headSeen;
    }

    /** Whether the end of the connection is the end of the body that is being read. */
    public boolean endsWithConnection() {
        return state == State.BODY && body.endsWithConnection();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        begun = true;
        try {
            switch (state) {
                case IDLE -> throw MalformedMessage.because("bytes without a request");
                case HEAD -> readHead(in, out);
                case BODY -> {
                    if (body.read(in, out)) {
                        state = State.IDLE;
                    }
                }
                case SWITCHED -> {
                    // the tunnel's first bytes wait for it
                }
                case BROKEN -> in.skipBytes(in.readableBytes());
            }
        } catch (MalformedMessage malformed) {
            state = State.BROKEN;
            in.skipBytes(in.readableBytes());
            out.add(malformed);
        }
    }

    private void readHead(ByteBuf in, List<Object> out) {
        requirePrefix(in);
        byte[] bytes = scanner.take(in);
        if (bytes == null) {
            return;
        }
        ResponseHead head = HeadParser.response(bytes, toHead);
        out.add(head);
        if (head.isInterim()) {
            return;
        }
        headSeen = true;
        if (head.status() == 101) {
            state = State.SWITCHED;
            return;
        }
        if (head.framing().isEmpty()) {
            state = State.IDLE;
            out.add(BodyEnd.PLAIN);
        } else {
            body.begin(head.framing());
            state = State.BODY;
        }
    }

    /** Something that does not speak HTTP is recognised by its first bytes, not when it falls silent. */
    private static void requirePrefix(ByteBuf in) {
        int length = Math.min(PREFIX.length, in.readableBytes());
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != PREFIX[i]) {
                throw MalformedMessage.because("not an HTTP response");
            }
        }
    }
}
