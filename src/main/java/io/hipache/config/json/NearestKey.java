package io.hipache.config.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known key, or the known variable, that is most like a misspelled one. */
public final class NearestKey {
    private NearestKey() {}

    /**
     * Compares the last names, without regard to case. Of two equally good keys, the key in the same section wins,
     * then the key that was known first: {@code port} at the top finds {@code server.port}.
     */
    static Optional<String> to(String path, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int name = distance(lastName(path), lastName(candidate));
            int elsewhere = section(path).equals(section(candidate)) ? 0 : 1;
            int length = lastName(path).length();
            // two letters may be wrong, and no more than half of a short name: else nam would be ca
            boolean plausible = name <= Math.max(Math.min(2, length / 2), length / 3);
            int total = 2 * name + elsewhere;
            if (plausible && total < bestDistance) {
                best = candidate;
                bestDistance = total;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * Compares whole names. Where none is like it, the shortest one that ends with the name is meant: {@code
     * HIPACHE_WORKERS} finds {@code HIPACHE_SERVER_WORKERS}.
     *
     * @param prefix what all of them begin with
     */
    public static Optional<String> amongVariables(String prefix, String name, Collection<String> known) {
        int most = Math.max(2, (name.length() - prefix.length()) / 4);
        Optional<String> like = known.stream()
                .filter(candidate -> distance(name, candidate) <= most)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
        String end = "_" + name.substring(prefix.length());
        return like.isPresent()
                ? like
                : known.stream()
                        .filter(candidate -> candidate.endsWith(end))
                        .min(Comparator.comparingInt(String::length));
    }

    private static String section(String path) {
        return path.substring(0, path.lastIndexOf('.') + 1);
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** The Levenshtein distance: the number of letters that are added, removed or replaced. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j - 1], row[j]));
            }
        }
        return row[to.length()];
    }
}
