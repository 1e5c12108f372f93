package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Writes start lines, fields and chunk framing. Its callers pass only what was parsed or made by the proxy itself. */
public final class HeadWriter {
    static final int CRLF = '\r' << 8 | '\n';
    static final int COLON_SPACE = ':' << 8 | ' ';

    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private HeadWriter() {}

    public static void endLine(ByteBuf out) {
        out.writeShort(CRLF);
    }

    /** Appends {@code text} whose characters are bytes (ISO-8859-1). */
    public static void latin1(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }

    public static void field(ByteBuf out, String name, String value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeShort(COLON_SPACE);
        latin1(out, value);
        out.writeShort(CRLF);
    }

    /** The line before the bytes of a chunk (RFC 9112 §7.1). */
    public static void chunkSize(ByteBuf out, int size) {
        ByteBufUtil.writeAscii(out, Integer.toHexString(size));
        out.writeShort(CRLF);
    }

    /** The last chunk with the trailer section behind it; see {@link Trailers} for what is left out. */
    public static void lastChunk(ByteBuf out, Fields trailers) {
        out.writeBytes(LAST_CHUNK);
        Trailers.write(trailers, new FieldLines(out));
        out.writeShort(CRLF);
    }
}
