package io.hipache.driver.copy;

import java.util.HashSet;
import java.util.Set;

/** Sets of the indexes of backends. They are never changed: where nothing has to be, no other set is made. */
final class IndexSets {

    private IndexSets() {}

    static Set<Integer> union(Set<Integer> one, Set<Integer> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        Set<Integer> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    /** Marks were read for the longest list that was known then. This list may be shorter. */
    static Set<Integer> within(Set<Integer> marks, int backends) {
        if (marks.isEmpty()) {
            return marks;
        }
        boolean all = true;
        for (int index : marks) {
            all &= index < backends;
        }
        if (all) {
            return marks;
        }
        Set<Integer> within = new HashSet<>(marks);
        within.removeIf(index -> index >= backends);
        return within;
    }
}
