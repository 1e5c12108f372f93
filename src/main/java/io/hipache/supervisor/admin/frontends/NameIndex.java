package io.hipache.supervisor.admin.frontends;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names of the frontends, one behind the other in blocks of bytes, so that 100,000 names take about 3 MB. A search looks at all of
 * them. Not for several threads at a time.
 */
final class NameIndex {
    static final int MOST_NAMES = 250_000;

    /** At most 8 MB, and twice as much while the names are read anew: the heap of the supervisor has 64 MB. */
    private static final int MOST_BLOCKS = 128;

    private static final int BLOCK = 1 << 16;

    /** No host is longer (RFC 1035 §2.3.4), and an index in memory needs some bound. */
    static final int LONGEST = 255;

    private static final byte END = '\n';

    private final List<byte[]> blocks = new ArrayList<>();
    private int used = BLOCK;
    private int names;
    private boolean truncated;

    /**
     * What was found.
     *
     * @param names the best ones: the name itself, then those that begin so, then all others, each in the order of the alphabet
     * @param total how many names match; one counts twice where SCAN has told it twice
     */
    record Found(List<String> names, int total) {}

    private static final Comparator<Match> BEST_FIRST = Comparator.<Match>comparingInt(match -> match.rank)
            .thenComparing(match -> match.name, Arrays::compareUnsigned);

    /** A name that contains the text. */
    private static final class Match {
        private final int rank;
        private final byte[] name;

        Match(int rank, byte[] name) {
            this.rank = rank;
            this.name = name;
        }

        String text() {
            return new String(name, StandardCharsets.UTF_8);
        }
    }

    /** Adds a name, unless the index is full, or no host can have the name. */
    void add(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST || name.indexOf(END) >= 0) {
            return;
        }
        boolean needsBlock = used + bytes.length + 1 > BLOCK;
        if (names >= MOST_NAMES || (needsBlock && blocks.size() >= MOST_BLOCKS)) {
            truncated = true;
            return;
        }
        if (needsBlock) {
            if (used < BLOCK) {
                // an empty name ends the block
                blocks.get(blocks.size() - 1)[used] = END;
            }
            blocks.add(new byte[BLOCK]);
            used = 0;
        }
        byte[] block = blocks.get(blocks.size() - 1);
        System.arraycopy(bytes, 0, block, used, bytes.length);
        used += bytes.length;
        block[used++] = END;
        names++;
    }

    int size() {
        return names;
    }

    /** Whether there were more names than the index may hold. */
    boolean isTruncated() {
        return truncated;
    }

    /**
     * Finds the names that contain a text. Capitals of the alphabet count as small letters.
     *
     * @param most how many names are returned
     * @param without names that are not returned, though they count
     */
    Found search(String text, int most, Set<String> without) {
        byte[] wanted = lower(text.getBytes(StandardCharsets.UTF_8));
        NavigableSet<Match> best = new TreeSet<>(BEST_FIRST);
        int total = 0;
        for (int i = 0; i < blocks.size(); i++) {
            byte[] block = blocks.get(i);
            int end = i == blocks.size() - 1 ? used : BLOCK;
            int start = 0;
            while (start < end && block[start] != END) {
                int stop = start;
                while (block[stop] != END) {
                    stop++;
                }
                int at = indexOf(block, start, stop, wanted);
                if (at >= 0) {
                    total++;
                    int rank = at > start ? 2 : stop - start > wanted.length ? 1 : 0;
                    Match last = best.size() < most || most == 0 ? null : best.last();
                    if (last == null || isBetter(rank, block, start, stop, last)) {
                        offer(best, new Match(rank, Arrays.copyOfRange(block, start, stop)), most, without);
                    }
                }
                start = stop + 1;
            }
        }
        return new Found(best.stream().map(Match::text).toList(), total);
    }

    private static boolean isBetter(int rank, byte[] block, int start, int stop, Match last) {
        byte[] name = last.name;
        return rank < last.rank
                || (rank == last.rank && Arrays.compareUnsigned(block, start, stop, name, 0, name.length) < 0);
    }

    private static void offer(NavigableSet<Match> best, Match match, int most, Set<String> without) {
        if (!without.contains(match.text())) {
            best.add(match);
            if (best.size() > most) {
                best.pollLast();
            }
        }
    }

    private static int indexOf(byte[] block, int start, int stop, byte[] wanted) {
        for (int at = start; at <= stop - wanted.length; at++) {
            int same = 0;
            while (same < wanted.length && lower(block[at + same]) == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return at;
            }
        }
        return -1;
    }

    private static byte[] lower(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = lower(bytes[i]);
        }
        return bytes;
    }

    private static byte lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? (byte) (letter + ('a' - 'A')) : letter;
    }
}
