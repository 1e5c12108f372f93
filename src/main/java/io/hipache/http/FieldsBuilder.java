package io.hipache.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts fields together that came one by one, as HTTP/2 has them, and refuses every byte that would not survive being
 * written as a line of HTTP/1.1 (RFC 9113 §8.2.1): this is what keeps a request from becoming two.
 */
public final class FieldsBuilder {
    private static final int TYPICAL_BYTES = 512;

    private byte[] bytes = new byte[TYPICAL_BYTES];
    private final FieldSpans spans = new FieldSpans();
    private int used;

    /**
     * Appends one field.
     *
     * @return what it is, null when it is none the proxy knows
     * @throws MalformedMessage when the name is no token in lower case, or the value begins or ends in white space or
     *     holds a control
     */
    public @Nullable KnownField add(AsciiString name, AsciiString value) {
        requireName(name);
        requireValue(value);
        int start = used;
        append(name);
        int nameEnd = used;
        append(value);
        return spans.add(bytes, start, nameEnd, nameEnd, used);
    }

    /** Takes the last field away again. */
    public void dropLast() {
        used = spans.removeLast();
    }

    public Fields build() {
        return spans.toFields(bytes);
    }

    private void append(AsciiString text) {
        int needed = used + text.length();
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
        }
        System.arraycopy(text.array(), text.arrayOffset(), bytes, used, text.length());
        used = needed;
    }

    private static void requireName(AsciiString name) {
        for (int i = 0; i < name.length(); i++) {
            byte b = name.byteAt(i);
            if (!Ascii.isToken(b) || Ascii.lower(b) != b) {
                throw MalformedMessage.because("malformed header field");
            }
        }
        if (name.isEmpty()) {
            throw MalformedMessage.because("malformed header field");
        }
    }

    private static void requireValue(AsciiString value) {
        int length = value.length();
        for (int i = 0; i < length; i++) {
            if (!Ascii.isFieldValue(value.byteAt(i))) {
                throw MalformedMessage.because("malformed header field");
            }
        }
        if (length > 0 && (Ascii.isSpace(value.byteAt(0)) || Ascii.isSpace(value.byteAt(length - 1)))) {
            throw MalformedMessage.because("malformed header field");
        }
    }
}
