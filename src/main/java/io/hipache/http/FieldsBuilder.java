package io.hipache.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts fields together that came one by one, as HTTP/2 has them, and refuses every byte that would not survive being
 * written as a line of HTTP/1.1 (RFC 9113 §8.2.1): this is what keeps a request from becoming two.
 */
public final class FieldsBuilder {
    private static final int TYPICAL_FIELDS = 16;
    private static final int TYPICAL_BYTES = 512;

    private byte[] bytes = new byte[TYPICAL_BYTES];
    private int[] spans = new int[TYPICAL_FIELDS * Fields.SPAN];
    private @Nullable KnownField[] known = new KnownField[TYPICAL_FIELDS];
    private int used;
    private int count;

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
        return note(start, nameEnd);
    }

    /** Takes the last field away again. */
    public void dropLast() {
        count--;
        used = spans[count * Fields.SPAN];
    }

    public Fields build() {
        return count == 0 ? Fields.NONE : new Fields(bytes, spans, known, count);
    }

    private @Nullable KnownField note(int start, int nameEnd) {
        if (count == known.length) {
            spans = Arrays.copyOf(spans, spans.length * 2);
            known = Arrays.copyOf(known, count * 2);
        }
        int span = count * Fields.SPAN;
        spans[span] = start;
        spans[span + 1] = nameEnd;
        spans[span + 2] = nameEnd;
        spans[span + 3] = used;
        KnownField field = KnownField.of(bytes, start, nameEnd);
        known[count++] = field;
        return field;
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
