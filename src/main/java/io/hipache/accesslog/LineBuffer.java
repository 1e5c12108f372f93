package io.hipache.accesslog;

import java.util.Arrays;

/**
 * Collects the bytes of whole access-log lines until they are passed on. The buffer is reused: {@link #clear} keeps the
 * array, unless a burst has made it large. Confined to one thread.
 */
public final class LineBuffer {
    private static final int INITIAL_BYTES = 4 << 10;
    /** {@link #clear} replaces an array above this size. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final long NANOS_OF_SECOND = 1_000_000_000;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    /** The underlying array. Its first {@link #length} bytes are the lines, and are valid until the next change. */
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    public void clear() {
        length = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
    }

    void append(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
    }

    void append(byte[] ascii) {
        reserve(ascii.length);
        System.arraycopy(ascii, 0, bytes, length, ascii.length);
        length += ascii.length;
    }

    /** Appends a number in decimal. A negative number can only come from a broken clock or counter, and becomes 0. */
    void append(long number) {
        long rest = Math.max(0, number);
        int digits = digits(rest);
        reserve(digits);
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Appends seconds with so many decimals, cut off and not rounded, as nginx does. What is negative becomes 0. */
    void appendSeconds(long nanos, int decimals) {
        long rest = Math.max(0, nanos);
        append(rest / NANOS_OF_SECOND);
        append('.');
        long unit = NANOS_OF_SECOND / 10;
        for (int i = 0; i < decimals; i++) {
            append((char) ('0' + rest / unit % 10));
            unit /= 10;
        }
    }

    /** Appends a field in quotes, as {@link #appendEscaped(String, char)} does. */
    void appendQuoted(String field) {
        append('"');
        appendEscaped(field, ' ');
        append('"');
    }

    /**
     * Appends a field as nginx does: quote, backslash and every byte outside {@code 0x20..0x7E} become {@code \xXX}. So a
     * field can never break a line, whatever a client sends. Each character stands for one byte as received.
     *
     * @param lowest the lowest character that is not escaped: a space within quotes, {@code '!'} outside
     */
    void appendEscaped(String field, char lowest) {
        appendEscaped(field, 0, lowest);
    }

    /** As {@link #appendEscaped(String, char)}, beginning somewhere in the field. */
    void appendEscaped(String field, int from, char lowest) {
        reserve(4 * (field.length() - from));
        int plain = copyPlain(field, from, field.length(), lowest);
        for (int i = plain; i < field.length(); i++) {
            char c = field.charAt(i);
            if (isPlain(c, lowest)) {
                bytes[length++] = (byte) c;
            } else {
                bytes[length++] = '\\';
                bytes[length++] = 'x';
                appendHex(c >> 4);
                appendHex(c);
            }
        }
    }

    /**
     * Appends a part of a field up to the first character that is a quote, a backslash or no printable ASCII.
     *
     * @return where that character is, {@code to} for none
     */
    int appendPlain(String field, int from, int to) {
        reserve(to - from);
        return copyPlain(field, from, to, ' ');
    }

    /** Appends a character as JSON and Java can write any: {@code \u00E9}. */
    void appendUnicode(char c) {
        reserve(6);
        bytes[length++] = '\\';
        bytes[length++] = 'u';
        appendHex(c >> 12);
        appendHex(c >> 8);
        appendHex(c >> 4);
        appendHex(c);
    }

    /** Uses local variables only, because nearly every field ends here. */
    private int copyPlain(String field, int from, int to, char lowest) {
        byte[] target = bytes;
        int start = length - from;
        int i = from;
        while (i < to && isPlain(field.charAt(i), lowest)) {
            target[start + i] = (byte) field.charAt(i);
            i++;
        }
        length = start + i;
        return i;
    }

    private static boolean isPlain(char c, char lowest) {
        return c >= lowest && c <= '~' && c != '"' && c != '\\';
    }

    /** The last four bits. */
    private void appendHex(int value) {
        bytes[length++] = HEX[value & 0xF];
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    private static int digits(long number) {
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }
}
