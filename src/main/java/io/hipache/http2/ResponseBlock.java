package io.hipache.http2;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** The header block of a response, or its trailer section, built field by field. */
public final class ResponseBlock {
    private static final AsciiString[] STATUSES = statuses();

    private final int status;
    private AsciiString[] fields;
    private int used;
    private int length;

    private ResponseBlock(int status, int expectedFields) {
        this.status = status;
        this.fields = new AsciiString[2 * expectedFields];
    }

    /**
     * The head of a response, final or interim.
     *
     * @param status three digits, 100 to 999
     * @param expectedFields how many fields will probably be added; more are allowed
     */
    public static ResponseBlock head(int status, int expectedFields) {
        return new ResponseBlock(status, expectedFields);
    }

    /**
     * The trailer section of a response.
     *
     * @param expectedFields how many fields will probably be added; more are allowed
     */
    public static ResponseBlock trailers(int expectedFields) {
        return new ResponseBlock(0, expectedFields);
    }

    /**
     * Appends a field. Nothing is checked: the name must be in lower case, and name and value must have been parsed or
     * made by the proxy itself.
     */
    public ResponseBlock add(AsciiString name, AsciiString value) {
        if (used == fields.length) {
            fields = Arrays.copyOf(fields, Math.max(8, used * 2));
        }
        fields[used++] = name;
        fields[used++] = value;
        length += name.length() + value.length();
        return this;
    }

    /** Whether no field was added. */
    public boolean isEmpty() {
        return used == 0;
    }

    /** The bytes of all names and values, which is about the length of the uncompressed block. */
    public int length() {
        return length;
    }

    Http2Headers headers() {
        AsciiString[] pairs = used == fields.length ? fields : Arrays.copyOf(fields, used);
        if (status == 0) {
            return ReadOnlyHttp2Headers.trailers(false, pairs);
        }
        return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[status - 100], pairs);
    }

    private static AsciiString[] statuses() {
        AsciiString[] texts = new AsciiString[900];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = AsciiString.cached(Integer.toString(100 + i));
        }
        return texts;
    }
}
