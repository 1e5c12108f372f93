package io.hipache.figures;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The report of a worker. It is read, or refused as a {@link MalformedFiguresException}; what was read is written as a report
 * that is read again, and a sum can take it.
 */
public final class FiguresFuzz {
    private FiguresFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Figures read;
        try {
            read = Figures.read(ByteBuffer.wrap(bytes));
        } catch (MalformedFiguresException e) {
            return;
        }
        Figures sum = new Figures(3);
        sum.add(read);
        byte[] first = read.report();
        try {
            byte[] second = Figures.read(ByteBuffer.wrap(first)).report();
            if (first.length != second.length) {
                throw new AssertionError(Arrays.toString(first) + " is read as " + Arrays.toString(second));
            }
        } catch (MalformedFiguresException e) {
            throw new AssertionError("what was written cannot be read", e);
        }
    }
}
