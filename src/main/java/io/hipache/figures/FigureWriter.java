package io.hipache.figures;

import io.hipache.messages.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes numbers in as few bytes as they need: seven bits in each byte, the lowest first. */
final class FigureWriter {
    private static final int LAST_BITS = 0x7f;
    private static final int MORE = 0x80;

    private byte[] bytes = new byte[4096];
    private int length;

    /** @param number not negative */
    void number(long number) {
        long rest = number;
        while ((rest & ~LAST_BITS) != 0) {
            put((byte) ((rest & LAST_BITS) | MORE));
            rest >>>= 7;
        }
        put((byte) rest);
    }

    private void put(byte some) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = some;
    }

    /** Writes a text in one line, its beginning if it is longer. */
    void text(String text, int most) {
        byte[] utf8 = FigureText.fit(Printable.escape(text), most).getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        for (byte some : utf8) {
            put(some);
        }
    }

    /** Writes those numbers that are not 0. */
    void sparse(long[] numbers) {
        int used = 0;
        for (long number : numbers) {
            used += number == 0 ? 0 : 1;
        }
        number(used);
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] != 0) {
                number(i);
                number(numbers[i]);
            }
        }
    }

    void append(FigureWriter more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length, length + more.length));
        System.arraycopy(more.bytes, 0, bytes, length, more.length);
        length += more.length;
    }

    int length() {
        return length;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
