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

    private final long seed = ThreadLocalRandom.current().nextLong() | 1;
    private long[] table = new long[LEAST_WORDS];
    private int increments;

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
            int word = word(hash, row);
            int shift = shift(hash, row);
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
            least = Math.min(least, (int) (table[word(hash, row)] >>> shift(hash, row)) & MAX_COUNT);
        }
        return least;
    }

    private void halve() {
        for (int i = 0; i < table.length; i++) {
            table[i] = (table[i] >>> 1) & HALVED;
        }
        increments /= 2;
    }

    /** Each row has other bits of the hash. */
    private int word(long hash, int row) {
        long mixed = (hash + row * 0xD1B5_4A32_D192_ED03L) * 0xFF51_AFD7_ED55_8CCDL;
        return (int) (mixed >>> 32) & (table.length - 1);
    }

    /** Each word has 16 counters, four for each row. */
    private static int shift(long hash, int row) {
        return (row * 4 + (int) ((hash >>> (2 * row)) & 3)) * 4;
    }
}
