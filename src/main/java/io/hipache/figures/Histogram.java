package io.hipache.figures;

import java.util.Arrays;

/** How often something took how long. Not for several threads at a time. */
public final class Histogram {
    private static final long[] BOUNDS_MICROS = {
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        30_000_000
    };
    private static final double MICROS_PER_SECOND = 1e6;

    /** The last one counts what took longer than every bound. */
    private final long[] buckets = new long[BOUNDS_MICROS.length + 1];

    private long sumMicros;

    /** The upper bounds of all buckets in seconds; the last one is infinite. */
    public static double[] bounds() {
        double[] bounds = new double[BOUNDS_MICROS.length + 1];
        for (int i = 0; i < BOUNDS_MICROS.length; i++) {
            // exact: the nearest double of the decimal number
            bounds[i] = Double.parseDouble(BOUNDS_MICROS[i] + "e-6");
        }
        bounds[BOUNDS_MICROS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    void count(long nanos) {
        long micros = Math.max(0, nanos) / 1_000;
        int bucket = 0;
        while (bucket < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[bucket]) {
            bucket++;
        }
        buckets[bucket]++;
        sumMicros += micros;
    }

    /** How many values each bucket has, without those of the buckets below it. */
    public long[] counts() {
        return buckets.clone();
    }

    public long total() {
        return Arrays.stream(buckets).sum();
    }

    public double sumSeconds() {
        return sumMicros / MICROS_PER_SECOND;
    }

    void add(Histogram more) {
        Sums.addAll(buckets, more.buckets);
        sumMicros = Sums.of(sumMicros, more.sumMicros);
    }

    void clear() {
        Arrays.fill(buckets, 0);
        sumMicros = 0;
    }

    void write(FigureWriter out) {
        out.sparse(buckets);
        out.number(sumMicros);
    }

    void read(FigureReader in) throws MalformedFiguresException {
        in.sparse(buckets);
        sumMicros = Sums.of(sumMicros, in.number());
    }
}
