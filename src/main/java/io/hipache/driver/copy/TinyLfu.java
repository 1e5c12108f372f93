package io.hipache.driver.copy;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from names to what is known of them, bounded in entries and in bytes. What was asked for once does not drive out what
 * is asked for often: W-TinyLFU (Einziger and others 2017). A new entry comes into a small window. An entry that leaves the
 * window takes the place of the oldest of the others only if its name was asked for more often. So a flood of names
 * that nobody asks for again passes through the window alone. Confined to one thread.
 *
 * @param <E> an entry
 */
final class TinyLfu<E extends TinyLfu.Entry> {

    /** One of a hundred entries, and of a hundred bytes, is for what is new. */
    private static final int WINDOW_SHARE = 100;

    /** Of the rest, four of five are for what was used again. */
    private static final int PROTECTED_PARTS = 4;

    private static final int PARTS = 5;

    /** An entry of the map. */
    abstract static class Entry {
        private final String name;
        private long hash;
        private int bytes;
        private @Nullable Segment segment;
        private @Nullable Entry older;
        private @Nullable Entry newer;

        Entry(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        /** About the memory that this entry takes. To be told by {@link TinyLfu#put} when it has changed. */
        abstract int bytes();
    }

    /** Entries in the order of their last use. */
    private static final class Segment {
        private @Nullable Entry oldest;
        private @Nullable Entry newest;
        private int count;
        private long bytes;

        void add(Entry entry) {
            entry.segment = this;
            entry.older = newest;
            entry.newer = null;
            if (newest == null) {
                oldest = entry;
            } else {
                newest.newer = entry;
            }
            newest = entry;
            count++;
            bytes += entry.bytes;
        }

        void remove(Entry entry) {
            if (entry.older == null) {
                oldest = entry.newer;
            } else {
                entry.older.newer = entry.newer;
            }
            if (entry.newer == null) {
                newest = entry.older;
            } else {
                entry.newer.older = entry.older;
            }
            entry.segment = null;
            count--;
            bytes -= entry.bytes;
        }

        void used(Entry entry) {
            if (newest != entry) {
                remove(entry);
                add(entry);
            }
        }
    }

    private final Map<String, E> entries = new HashMap<>();
    private final FrequencySketch sketch;
    private final Segment window = new Segment();
    private final Segment probation = new Segment();
    private final Segment kept = new Segment();
    private final int maxEntries;
    private final long maxBytes;

    TinyLfu(int maxEntries, long maxBytes) {
        this(maxEntries, maxBytes, new FrequencySketch());
    }

    TinyLfu(int maxEntries, long maxBytes, FrequencySketch sketch) {
        this.sketch = sketch;
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
    }

    int size() {
        return entries.size();
    }

    long bytes() {
        return window.bytes + probation.bytes + kept.bytes;
    }

    /** The entry of a name, without counting this as a use. */
    @Nullable
    E peek(String name) {
        return entries.get(name);
    }

    void forEach(Consumer<E> consumer) {
        entries.values().forEach(consumer);
    }

    /** The entry was used. */
    void used(E entry) {
        Entry used = entry;
        sketch.increment(used.hash);
        Segment segment = used.segment;
        if (segment == probation) {
            probation.remove(entry);
            kept.add(entry);
            while (isOverKept() && kept.oldest != null) {
                Entry demoted = kept.oldest;
                kept.remove(demoted);
                probation.add(demoted);
            }
        } else if (segment != null) {
            segment.used(entry);
        }
    }

    private boolean isOverKept() {
        long main = maxBytes - maxBytes / WINDOW_SHARE;
        int mainEntries = maxEntries - maxEntries / WINDOW_SHARE;
        return kept.bytes > main / PARTS * PROTECTED_PARTS || kept.count > (long) mainEntries * PROTECTED_PARTS / PARTS;
    }

    /** Adds the entry, or notes that it takes more or less memory than before. It may be driven out at once. */
    void put(E entry) {
        Entry changed = entry;
        Segment segment = changed.segment;
        if (segment == null) {
            add(entry);
        } else {
            segment.bytes -= changed.bytes;
            changed.bytes = entry.bytes();
            segment.bytes += changed.bytes;
            if (changed.bytes > maxBytes) {
                drop(changed);
            }
        }
        evict();
    }

    private void add(E entry) {
        Entry added = entry;
        added.hash = sketch.hash(entry.name());
        added.bytes = entry.bytes();
        sketch.ensure(entries.size() + 1);
        sketch.increment(added.hash);
        entries.put(entry.name(), entry);
        window.add(entry);
    }

    void clear() {
        for (Iterator<E> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            Segment segment = entry.segment;
            if (segment != null) {
                segment.remove(entry);
            }
            all.remove();
        }
    }

    private void evict() {
        Entry newest = window.newest;
        if (newest != null && newest.bytes > maxBytes / WINDOW_SHARE) {
            // it is larger than the window, and must not drive out what is in there
            admit(newest);
        }
        while (window.count > 1
                && (window.bytes > maxBytes / WINDOW_SHARE || window.count > Math.max(1, maxEntries / WINDOW_SHARE))) {
            admit(requireNonNull(window.oldest));
        }
        while (isOver(bytes(), entries.size())) {
            Entry victim = victim();
            drop(victim == null ? requireNonNull(window.oldest) : victim);
        }
    }

    private boolean isOver(long bytes, int count) {
        return bytes > maxBytes || count > maxEntries;
    }

    /**
     * Takes an entry from the window to the others. It stays if each entry that has to go for it was asked for less often.
     * Otherwise it goes alone, and the entry that won moves to the end of its segment. The counters of that entry may be those
     * of busy names: at the front, the entry would win against each candidate, and keep all of them out for good.
     */
    private void admit(Entry candidate) {
        window.remove(candidate);
        int frequency = candidate.bytes > maxBytes ? 0 : sketch.frequency(candidate.hash);
        long bytes = bytes() + candidate.bytes;
        int count = entries.size();
        Entry victim = victim();
        while (isOver(bytes, count)) {
            if (victim == null || sketch.frequency(victim.hash) >= frequency) {
                entries.remove(candidate.name());
                giveAnotherTurn(victim);
                return;
            }
            bytes -= victim.bytes;
            count--;
            victim = nextVictim(victim);
        }
        for (Entry goes = victim(); goes != null && goes != victim; goes = victim()) {
            drop(goes);
        }
        probation.add(candidate);
    }

    private static void giveAnotherTurn(@Nullable Entry entry) {
        if (entry != null && entry.segment != null) {
            entry.segment.used(entry);
        }
    }

    /** The entry that goes first, if there is one outside the window. */
    private @Nullable Entry victim() {
        return probation.oldest == null ? kept.oldest : probation.oldest;
    }

    private @Nullable Entry nextVictim(Entry victim) {
        return victim.newer == null && victim.segment == probation ? kept.oldest : victim.newer;
    }

    private void drop(Entry entry) {
        Segment segment = entry.segment;
        if (segment != null) {
            segment.remove(entry);
        }
        entries.remove(entry.name());
    }
}
