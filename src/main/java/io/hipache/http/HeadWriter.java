package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Writes start lines, fields and chunk framing. It checks nothing: callers pass only text that was parsed, or that the
 * proxy made itself.
 */
public final class HeadWriter {
    static final int CRLF = '\r' << 8 | '\n';
    static final int COLON_SPACE = ':' << 8 | ' ';

    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private HeadWriter() {}

    /** Appends CRLF. */
    public static void endLine(ByteBuf out) {
        out.writeShort(CRLF);
    }

    /** Appends {@code text}, one byte for each character (ISO-8859-1). */
    public static void latin1(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }

    /** Appends a status code, which has three digits (RFC 9110 §15). */
    public static void status(ByteBuf out, int status) {
        out.writeByte('0' + status / 100).writeByte('0' + status / 10 % 10).writeByte('0' + status % 10);
    }

    /** Appends one field line with its CRLF. */
    public static void field(ByteBuf out, String name, String value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeShort(COLON_SPACE);
        latin1(out, value);
        out.writeShort(CRLF);
    }

    /**
     * Appends the line that precedes the bytes of a chunk (RFC 9112 §7.1).
     *
     * @param size the number of bytes in the chunk, more than 0
     */
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
