package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Header or trailer fields as they were received. Order, case, duplicates and bytes are kept. The section is stored
 * once, with the positions of its names and values. A value becomes a {@link String} (ISO-8859-1) only when a caller
 * asks for it. Immutable.
 */
public final class Fields {
    /** A section without fields. */
    public static final Fields NONE = new Fields(new byte[0], new int[0], new KnownField[0], 0, 0);

    static final int SPAN = 4;

    /** Colon, space, CR and LF. */
    private static final int LINE_OVERHEAD = 4;

    private final byte[] bytes;
    /**
     * Four numbers for each field: name start, name end, value start, value end. An end is the index behind the last
     * byte.
     */
    private final int[] spans;

    private final @Nullable KnownField[] known;
    private final int size;
    /** A bit for each name in {@link #known}, and perhaps for one that was removed. Most questions are about a missing field. */
    private final long present;

    Fields(byte[] bytes, int[] spans, @Nullable KnownField[] known, int size, long present) {
        this.bytes = bytes;
        this.spans = spans;
        this.known = known;
        this.size = size;
        this.present = present;
    }

    /** The number of fields; duplicates count. */
    public int size() {
        return size;
    }

    /** The name of field {@code index}, or null when the proxy does not know the name. */
    public @Nullable KnownField known(int index) {
        return known[index];
    }

    /** The name of field {@code index}, in the case in which it was received. */
    public String name(int index) {
        return text(spans[index * SPAN], spans[index * SPAN + 1]);
    }

    /** The value of field {@code index} without the white space around it. */
    public String value(int index) {
        return text(spans[index * SPAN + 2], spans[index * SPAN + 3]);
    }

    /** A copy of the name of field {@code index}, in lower case as HTTP/2 wants it. */
    public AsciiString lowerCaseName(int index) {
        int start = spans[index * SPAN];
        byte[] name = Arrays.copyOfRange(bytes, start, spans[index * SPAN + 1]);
        for (int i = 0; i < name.length; i++) {
            name[i] = Ascii.lower(name[i]);
        }
        return new AsciiString(name, false);
    }

    /** A copy of the value of field {@code index}, byte for byte. */
    public AsciiString valueBytes(int index) {
        return new AsciiString(Arrays.copyOfRange(bytes, spans[index * SPAN + 2], spans[index * SPAN + 3]), false);
    }

    /** The first field {@code name} at or after {@code from}, or -1. */
    public int indexOf(KnownField name, int from) {
        if ((present & name.bit()) == 0) {
            return -1;
        }
        for (int i = from; i < size; i++) {
            if (known[i] == name) {
                return i;
            }
        }
        return -1;
    }

    /** Whether there is at least one field {@code name}. */
    public boolean contains(KnownField name) {
        return indexOf(name, 0) >= 0;
    }

    /** The value of the first field {@code name}, or null. */
    public @Nullable String first(KnownField name) {
        int index = indexOf(name, 0);
        return index < 0 ? null : value(index);
    }

    /** Whether there is more than one field {@code name}. */
    public boolean repeats(KnownField name) {
        int index = indexOf(name, 0);
        return index >= 0 && indexOf(name, index + 1) >= 0;
    }

    /** Whether the comma-separated values of all fields {@code name} include {@code token}, ignoring case. */
    public boolean hasToken(KnownField name, String token) {
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            String value = value(i);
            if (value.indexOf(',') < 0) {
                // nearly all values are no list
                if (value.equalsIgnoreCase(token)) {
                    return true;
                }
                continue;
            }
            for (String part : value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the value of field {@code index} begins with {@code lowerCase}, ignoring case. */
    public boolean valueBegins(int index, String lowerCase) {
        int start = spans[index * SPAN + 2];
        return spans[index * SPAN + 3] - start >= lowerCase.length() && Ascii.equalsIgnoreCase(bytes, start, lowerCase);
    }

    /** Whether {@code lowerCase} stands anywhere in the value of field {@code index}, ignoring case. */
    public boolean valueContains(int index, String lowerCase) {
        int last = spans[index * SPAN + 3] - lowerCase.length();
        for (int start = spans[index * SPAN + 2]; start <= last; start++) {
            if (Ascii.equalsIgnoreCase(bytes, start, lowerCase)) {
                return true;
            }
        }
        return false;
    }

    /** About how many bytes of memory this object takes. */
    public int memory() {
        return bytes.length + spans.length * Integer.BYTES;
    }

    /** Bytes that the fields take as lines of HTTP/1.1, white space around the values aside. */
    public int length() {
        int length = 0;
        for (int at = 0; at < size * SPAN; at += SPAN) {
            length += spans[at + 1] - spans[at] + spans[at + 3] - spans[at + 2] + LINE_OVERHEAD;
        }
        return length;
    }

    /** Appends field {@code index} to {@code out} as one line that ends in CRLF, name and value byte for byte. */
    public void writeTo(ByteBuf out, int index) {
        int at = index * SPAN;
        int nameLength = spans[at + 1] - spans[at];
        int valueLength = spans[at + 3] - spans[at + 2];
        out.writeBytes(bytes, spans[at], nameLength);
        out.writeShort(HeadWriter.COLON_SPACE);
        out.writeBytes(bytes, spans[at + 2], valueLength);
        out.writeShort(HeadWriter.CRLF);
    }

    private String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }
}
