package io.hipache.http;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** Takes one body after the other out of the bytes of a connection, as slices without a copy. */
final class BodyReader {
    private final ChunkedBody chunked;
    private Framing.Kind kind = Framing.Kind.NONE;
    private long left;

    BodyReader(int trailerLimit) {
        this.chunked = new ChunkedBody(trailerLimit);
    }

    /** Starts a body that is not empty. */
    void begin(Framing framing) {
        kind = framing.kind();
        left = framing.length();
    }

    /** Moves what {@code in} holds of the body to {@code out}; whether the body is complete with it. */
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

    boolean endsWithConnection() {
        return kind == Framing.Kind.UNTIL_CLOSE;
    }
}
