package io.hipache.figures;

import java.util.Arrays;

/** A number for each constant of an enum. Counting allocates nothing. Not for several threads at a time. */
public final class EnumCounts<E extends Enum<E>> {
    private final long[] numbers;

    public EnumCounts(Class<E> type) {
        numbers = new long[type.getEnumConstants().length];
    }

    /** The place of a constant in an array. Arrays are never kept for longer than their enum. */
    @SuppressWarnings("EnumOrdinal")
    static int index(Enum<?> constant) {
        return constant.ordinal();
    }

    public long get(E constant) {
        return numbers[index(constant)];
    }

    public void set(E constant, long number) {
        numbers[index(constant)] = number;
    }

    void add(E constant, long number) {
        numbers[index(constant)] += number;
    }

    void add(EnumCounts<E> more) {
        Sums.addAll(numbers, more.numbers);
    }

    long total() {
        long all = 0;
        for (long number : numbers) {
            all += number;
        }
        return all;
    }

    void clear() {
        Arrays.fill(numbers, 0);
    }

    void write(FigureWriter out) {
        out.sparse(numbers);
    }

    void read(FigureReader in) throws MalformedFiguresException {
        in.sparse(numbers);
    }
}
