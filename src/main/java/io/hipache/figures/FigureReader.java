package io.hipache.figures;

import io.hipache.messages.Printable;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link FigureWriter} wrote, and trusts none of it. */
final class FigureReader {
    /** A larger number is no count of anything: so that no sum overflows. */
    static final long LARGEST = 1L << 48;

    private static final int LAST_BITS = 0x7f;
    private static final int MOST_BITS = 49;

    private final ByteBuffer bytes;

    FigureReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    long number() throws MalformedFiguresException {
        long number = 0;
        for (int shift = 0; shift < MOST_BITS; shift += 7) {
            byte some = next();
            number |= (long) (some & LAST_BITS) << shift;
            if (some >= 0) {
                return number(number);
            }
        }
        throw new MalformedFiguresException("a number has too many bytes");
    }

    private static long number(long number) throws MalformedFiguresException {
        if (number > LARGEST) {
            throw new MalformedFiguresException("a number is too large");
        }
        return number;
    }

    private byte next() throws MalformedFiguresException {
        try {
            return bytes.get();
        } catch (BufferUnderflowException e) {
            throw new MalformedFiguresException("the figures break off");
        }
    }

    /** A number from 0 to {@code most}. */
    int upTo(int most) throws MalformedFiguresException {
        long number = number();
        if (number > most) {
            throw new MalformedFiguresException("a number is " + number + " and may be " + most);
        }
        return (int) number;
    }

    String text(int most) throws MalformedFiguresException {
        int length = upTo(most * FigureText.BYTES_OF_CHARACTER);
        if (length > bytes.remaining()) {
            throw new MalformedFiguresException("a text breaks off");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.slice(bytes.position(), length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFiguresException("a text is not UTF-8");
        }
        bytes.position(bytes.position() + length);
        if (text.length() > most || !Printable.escape(text).equals(text)) {
            throw new MalformedFiguresException("a text is too long, or has invisible characters");
        }
        return text;
    }

    /** Adds the numbers to those that are there. */
    void sparse(long[] into) throws MalformedFiguresException {
        int used = upTo(into.length);
        int least = 0;
        for (int i = 0; i < used; i++) {
            int at = upTo(into.length - 1);
            if (at < least) {
                throw new MalformedFiguresException("numbers are not in their order");
            }
            least = at + 1;
            into[at] = Sums.of(into[at], number());
        }
    }

    boolean isAtEnd() {
        return !bytes.hasRemaining();
    }
}
