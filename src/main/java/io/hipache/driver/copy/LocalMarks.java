package io.hipache.driver.copy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backends that died while Redis was away and could not be told. They are named by their entries and not by their indexes:
 * nobody can tell whether Redis still has the same list. Bounded. Confined to the event loop.
 */
final class LocalMarks {

    /** Marks that are kept, of all hosts. The oldest one goes first. */
    private static final int MAX_MARKS = 4_000;

    /** Further backends of one host count as alive. */
    private static final int MAX_MARKS_OF_HOST = 400;

    /** A backend with a longer entry counts as alive. In characters. */
    static final int LONGEST_ENTRY = 1_000;

    private record Mark(String deadHost, String entry) {
        /** Written out, see "Records" in CONTRIBUTING.md. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Mark that && deadHost.equals(that.deadHost) && entry.equals(that.entry);
        }

        @Override
        public int hashCode() {
            return 31 * deadHost.hashCode() + entry.hashCode();
        }
    }

    private final LinkedHashMap<Mark, Long> untilNanos = new LinkedHashMap<>();
    private final Map<String, Integer> marksOfHost = new HashMap<>();

    void add(String deadHost, String entry, long until) {
        Mark mark = new Mark(deadHost, entry);
        remove(mark);
        if (entry.length() > LONGEST_ENTRY || marksOfHost.getOrDefault(deadHost, 0) >= MAX_MARKS_OF_HOST) {
            return;
        }
        untilNanos.put(mark, until);
        marksOfHost.merge(deadHost, 1, Integer::sum);
        if (untilNanos.size() > MAX_MARKS) {
            Iterator<Mark> oldest = untilNanos.keySet().iterator();
            remove(oldest.next());
        }
    }

    private void remove(Mark mark) {
        if (untilNanos.remove(mark) != null) {
            marksOfHost.computeIfPresent(mark.deadHost(), (host, count) -> count == 1 ? null : count - 1);
        }
    }

    /** The marks, and besides them the indexes of the backends in {@code list} that are marked here. */
    Set<Integer> and(Set<Integer> marks, String deadHost, List<String> list, long now) {
        if (!marksOfHost.containsKey(deadHost)) {
            return marks;
        }
        Set<Integer> all = new HashSet<>(marks);
        for (int i = 1; i < list.size(); i++) {
            Long until = untilNanos.get(new Mark(deadHost, list.get(i)));
            if (until != null && until - now > 0) {
                all.add(i - 1);
            }
        }
        return all;
    }
}
