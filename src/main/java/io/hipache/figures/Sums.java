package io.hipache.figures;

/** Sums that never overflow, whatever a worker says. */
final class Sums {
    /** The metrics are doubles, which know no larger number exactly. */
    private static final long LARGEST = 1L << 53;

    private Sums() {}

    static long of(long one, long other) {
        return Math.min(LARGEST, one + other);
    }

    static void addAll(long[] to, long[] more) {
        for (int i = 0; i < to.length; i++) {
            to[i] = of(to[i], more[i]);
        }
    }
}
