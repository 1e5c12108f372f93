package io.hipache.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Builds {@link Fields} from single fields, which is how HTTP/2 delivers them. It refuses every byte that HTTP/1.1
 * could not carry in a field line (RFC 9113 §8.2.1). This check prevents one HTTP/2 request from becoming two HTTP/1.1
 * requests.
 */
public final class FieldsBuilder {
    private static final int TYPICAL_BYTES = 512;

    private byte[] bytes = new byte[TYPICAL_BYTES];
    private final FieldSpans spans = new FieldSpans();
    private int used;

    /**
     * Appends one field.
     *
     * @return the name, or null when the proxy does not know it
     * @throws MalformedMessage when the name is not a token in lower case, when the value begins or ends in white
     *     space, or when the value holds a control
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

    /** Removes the last field. */
    public void dropLast() {
        used = spans.removeLast();
    }

    /** The fields added so far. The builder must not be used afterwards. */
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
