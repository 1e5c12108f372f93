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

    /**
     * Appends a field as nginx does: quote, backslash and every byte outside {@code 0x20..0x7E} become {@code \xXX}. So a
     * field can never break a line, whatever a client sends. Each character stands for one byte as received.
     *
     * @param lowest the lowest character that is not escaped: a space within quotes, {@code '!'} outside
     */
    void appendEscaped(String field, char lowest) {
        reserve(4 * field.length());
        int plain = appendPlain(field, lowest);
        for (int i = plain; i < field.length(); i++) {
            char c = field.charAt(i);
            if (isPlain(c, lowest)) {
                bytes[length++] = (byte) c;
            } else {
                appendHex(c & 0xFF);
            }
        }
    }

    /** Appends up to the first character to escape. Uses local variables only, because nearly every field ends here. */
    private int appendPlain(String field, char lowest) {
        byte[] to = bytes;
        int start = length;
        int end = field.length();
        int i = 0;
        while (i < end && isPlain(field.charAt(i), lowest)) {
            to[start + i] = (byte) field.charAt(i);
            i++;
        }
        length = start + i;
        return i;
    }

    private static boolean isPlain(char c, char lowest) {
        return c >= lowest && c <= '~' && c != '"' && c != '\\';
    }

    private void appendHex(int value) {
        bytes[length++] = '\\';
        bytes[length++] = 'x';
        bytes[length++] = HEX[value >> 4];
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
