package io.hipache.http;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** Reads one body after another from the bytes of a connection. The parts are slices; nothing is copied. */
final class BodyReader {
    private final ChunkedBody chunked;
    private Framing.Kind kind = Framing.Kind.NONE;
    private long left;

    BodyReader(int trailerLimit) {
        this.chunked = new ChunkedBody(trailerLimit);
    }

    /** Starts the next body, which must not be empty. */
    void begin(Framing framing) {
        kind = framing.kind();
        left = framing.length();
    }

    /**
     * Moves the part of the body that {@code in} holds to {@code out}.
     *
     * @return whether the body is now complete
     * @throws MalformedMessage when the chunks are malformed
     */
    boolean read(ByteBuf in, List<Object> out) {
        return switch (kind) {
            case LENGTH -> readLength(in, out);
            case CHUNKED -> chunked.read(in, out);
            case UNTIL_CLOSE -> {
                out.add(in.readRetainedSlice(in.readableBytes()));
                yield false;
            }
            case NONE -> throw new IllegalStateException("no body was begun");
        };
    }

    private boolean readLength(ByteBuf in, List<Object> out) {
        int length = (int) Math.min(left, in.readableBytes());
        out.add(in.readRetainedSlice(length));
        left -= length;
        if (left > 0) {
            return false;
        }
        out.add(BodyEnd.PLAIN);
        return true;
    }

    /** Whether the body ends when the connection does. */
    boolean endsWithConnection() {
        return kind == Framing.Kind.UNTIL_CLOSE;
    }
}
