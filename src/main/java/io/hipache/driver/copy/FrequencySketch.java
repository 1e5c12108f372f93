package io.hipache.driver.copy;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Estimates how often a name was asked for lately: a count-min sketch with counters of four bits, all of which are halved
 * from time to time (TinyLFU, Einziger and others 2017). It never estimates too little. Its hash has a secret seed, so that
 * clients cannot choose names that are counted as one. It begins small and grows with the number of names. Confined to one
 * thread.
 */
final class FrequencySketch {

    private static final int MAX_COUNT = 15;
    private static final long HALVED = 0x7777_7777_7777_7777L;
    private static final int ROWS = 4;
    private static final int LEAST_WORDS = 64;

    /** After ten times as many increments as there are names, all counters are halved. */
    private static final int SAMPLE = 10;

    private final long seed;
    private long[] table = new long[LEAST_WORDS];
    private int increments;

    FrequencySketch() {
        this(ThreadLocalRandom.current().nextLong());
    }

    FrequencySketch(long seed) {
        this.seed = seed | 1;
    }

    /** Has room for this many names. What was counted before is forgotten when the sketch grows. */
    void ensure(int names) {
        if (names > table.length) {
            table = new long[Math.max(LEAST_WORDS, Integer.highestOneBit(names - 1) << 1)];
            increments = 0;
        }
    }

    /** The hash of a name, for the other methods. */
    long hash(String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x9E37_79B9_7F4A_7C15L;
            hash ^= hash >>> 29;
        }
        return hash * ((seed << 1) | 1);
    }

    void increment(long hash) {
        boolean added = false;
        for (int row = 0; row < ROWS; row++) {
            long mixed = mixed(hash, row);
            int word = word(mixed);
            int shift = shift(mixed, row);
            if (((table[word] >>> shift) & MAX_COUNT) < MAX_COUNT) {
                table[word] += 1L << shift;
                added = true;
            }
        }
        if (added && ++increments >= SAMPLE * table.length) {
            halve();
        }
    }

    /** From 0 to 15. */
    int frequency(long hash) {
        int least = MAX_COUNT;
        for (int row = 0; row < ROWS; row++) {
            long mixed = mixed(hash, row);
            least = Math.min(least, (int) (table[word(mixed)] >>> shift(mixed, row)) & MAX_COUNT);
        }
        return least;
    }

    private void halve() {
        for (int i = 0; i < table.length; i++) {
            table[i] = (table[i] >>> 1) & HALVED;
        }
        increments /= 2;
    }

    private int word(long mixed) {
        return (int) (mixed >>> 32) & (table.length - 1);
    }

    /** A word has four counters for each row. */
    private static int shift(long mixed, int row) {
        return (row * 4 + (int) (mixed & 3)) * 4;
    }

    /**
     * The hash of a name for one row: a step of SplitMix64. A sum with the row and one multiplication would not do: two names
     * that share a counter in one row would then share one in each row.
     */
    private static long mixed(long hash, int row) {
        long mixed = hash + row * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
