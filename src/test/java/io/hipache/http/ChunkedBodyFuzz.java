package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A chunked body. However its bytes are cut into reads, its content, its trailers and its end are the same; what is written
 * of it is read as the same body; and no part of it is larger than what arrived.
 */
public final class ChunkedBodyFuzz {
    private static final int TRAILER_LIMIT = 1000;

    private ChunkedBodyFuzz() {}

    /**
     * What was read.
     *
     * @param trailers as lines, null when there was no end
     * @param left the bytes behind the end, null when there was none
     */
    private record Body(String content, @Nullable String trailers, @Nullable String left, @Nullable String problem) {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Body whole = read(List.of(bytes));

        requireSame(whole, read(Pieces.of(1, bytes)));
        requireSame(whole, read(Pieces.random(bytes, new Random(Arrays.hashCode(bytes)))));
        if (whole.trailers() != null) {
            Body again = read(List.of(written(whole)));
            requireSame(new Body(whole.content(), whole.trailers(), "", null), again);
        }
        if (whole.content().length() > bytes.length) {
            throw new AssertionError("more content than bytes: " + whole);
        }
    }

    private static Body read(List<byte[]> pieces) {
        ChunkedBody body = new ChunkedBody(TRAILER_LIMIT);
        ByteBuf in = Unpooled.buffer();
        StringBuilder content = new StringBuilder();
        String trailers = null;
        String problem = null;
        for (byte[] piece : pieces) {
            in.writeBytes(piece);
            if (trailers != null || problem != null) {
                continue;
            }
            List<Object> out = new ArrayList<>();
            try {
                boolean complete = body.read(in, out);
                if (complete != (!out.isEmpty() && out.get(out.size() - 1) instanceof BodyEnd)) {
                    throw new AssertionError("complete: " + complete + " with " + out);
                }
            } catch (MalformedMessage malformed) {
                problem = malformed.reason();
            }
            for (Object part : out) {
                if (part instanceof ByteBuf slice) {
                    content.append(slice.toString(StandardCharsets.ISO_8859_1));
                    slice.release();
                } else {
                    trailers = lines(((BodyEnd) part).trailers());
                }
            }
        }
        String left = trailers == null ? null : in.toString(StandardCharsets.ISO_8859_1);
        if (in.refCnt() != 1) {
            throw new AssertionError("references: " + in.refCnt());
        }
        in.release();
        return new Body(content.toString(), trailers, left, problem);
    }

    /** The body as one chunk. */
    private static byte[] written(Body body) {
        ByteBuf out = Unpooled.buffer();
        if (!body.content().isEmpty()) {
            ByteBuf bytes = Unpooled.copiedBuffer(body.content(), StandardCharsets.ISO_8859_1);
            Chunks.write(bytes, Unpooled.buffer(Chunks.room(bytes)), out::writeBytes);
        }
        HeadWriter.latin1(out, "0\r\n" + body.trailers() + "\r\n");
        return Arrays.copyOf(out.array(), out.readableBytes());
    }

    private static String lines(Fields fields) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < fields.size(); i++) {
            fields.writeTo(out, i);
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static void requireSame(Body expected, Body got) {
        if (!expected.equals(got)) {
            throw new AssertionError("expected " + expected + "\nbut got  " + got);
        }
    }
}
