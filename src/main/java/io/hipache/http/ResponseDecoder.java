package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * First handler of a backend connection, or the next one behind TLS. It turns bytes into {@link ResponseHead}s (interim
 * ones included), then the body as {@link ByteBuf}s, which the next handler owns, then a {@link BodyEnd}.
 *
 * <p>Each request is announced with {@link #expect}; bytes that arrive when no response is due are malformed. A
 * {@link MalformedMessage} is passed on like a message, and everything that follows is thrown away. Confined to the
 * event loop.
 */
public final class ResponseDecoder extends ByteToMessageDecoder {
    /**
     * The length of the longest accepted response head, in bytes. It is larger than for requests because backends set
     * large cookies.
     */
    public static final int LONGEST_HEAD = 64 * 1024;

    /**
     * How many interim heads (RFC 9110 §15.2) may come before the final one. All together they may be as long as one head. A
     * backend that says every 20 s that it is still at work (102, RFC 2518 §10.1) can do so for half an hour.
     */
    static final int MOST_INTERIM_HEADS = 100;

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
    /** Of the current response. */
    private int interimHeads;

    private int interimBytes;

    /** Whether a request may be sent: no response is due, and no unexpected bytes wait here. */
    public boolean isIdle() {
        return state == State.IDLE && actualReadableBytes() == 0;
    }

    /**
     * To be called when a request has been written.
     *
     * @param toHead whether the request was a HEAD, so that its response has no body
     * @throws IllegalStateException when the decoder is not idle
     */
    public void expect(boolean toHead) {
        if (!isIdle()) {
            // bytes that arrived before this request would be taken for its response
            throw new IllegalStateException("not idle: " + state);
        }
        this.toHead = toHead;
        begun = false;
        headSeen = false;
        interimHeads = 0;
        interimBytes = 0;
        state = State.HEAD;
    }

    /** Whether at least one byte of the current response has arrived. */
    public boolean begun() {
        return begun;
    }

    /** Whether the final head of the current response has arrived; interim ones do not count. */
    public boolean headSeen() {
        return headSeen;
    }

    /** Whether the end of the connection will be the end of the body that is arriving. */
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
                    // the first bytes of the tunnel wait until the tunnel takes them
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
        if (head.isInterim()) {
            countInterim(bytes.length);
            out.add(head);
            return;
        }
        out.add(head);
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

    /** A response that consists of interim heads alone would never end. */
    private void countInterim(int length) {
        interimHeads++;
        interimBytes += length;
        if (interimHeads > MOST_INTERIM_HEADS || interimBytes > LONGEST_HEAD) {
            throw MalformedMessage.because("too many interim responses");
        }
    }

    /**
     * Recognises a backend that does not speak HTTP by its first bytes, before it falls silent and the request times
     * out.
     */
    private static void requirePrefix(ByteBuf in) {
        int length = Math.min(PREFIX.length, in.readableBytes());
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != PREFIX[i]) {
                throw MalformedMessage.because("not an HTTP response");
            }
        }
    }
}
