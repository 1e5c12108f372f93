package io.hipache.snapshot;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest entry for each name, bounded by what they cost. What was known last longest ago goes first. Names under which the
 * store has nothing have a quarter of the room for themselves: many of them drive out no frontend. Not for several threads.
 */
public final class KnownEntries {

    private static final int ABSENT_SHARE = 4;

    /** What has not changed is noted no more often, however many workers say so. */
    static final long TIME_MILLIS = 30_000;

    /** What a new entry has changed. */
    public enum Change {
        NOTHING,
        /** The same is known at a later time. */
        TIME,
        CONTENT
    }

    /** Entries in the order in which they came. */
    private static final class Part {
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private final long most;
        private long cost;

        Part(long most) {
            this.most = most;
        }

        @Nullable
        Entry remove(String key) {
            Entry removed = entries.remove(key);
            cost -= removed == null ? 0 : removed.cost();
            return removed;
        }

        void add(String key, Entry entry) {
            if (entry.cost() > most) {
                // it would drive out all others, and then itself
                return;
            }
            entries.put(key, entry);
            cost += entry.cost();
            Iterator<Entry> oldest = entries.values().iterator();
            while (cost > most) {
                cost -= oldest.next().cost();
                oldest.remove();
            }
        }

        boolean removeUntil(long millis) {
            return entries.values().removeIf(entry -> {
                boolean old = entry.knownMillis() <= millis;
                cost -= old ? entry.cost() : 0;
                return old;
            });
        }
    }

    private final Part present;
    private final Part absent;

    /** @param most the bytes that all entries together may cost a worker */
    public KnownEntries(long most) {
        this.absent = new Part(most / ABSENT_SHARE);
        this.present = new Part(most - most / ABSENT_SHARE);
    }

    /**
     * Takes what somebody knows.
     *
     * @param nowMillis nothing can be known later than now
     */
    public Change add(Entry told, long nowMillis) {
        Entry entry = told.knownMillis() > nowMillis ? told.at(nowMillis) : told;
        if (entry.kind() == Entry.Kind.FORGOTTEN_ALL) {
            boolean any = present.removeUntil(entry.knownMillis());
            return absent.removeUntil(entry.knownMillis()) || any ? Change.CONTENT : Change.NOTHING;
        }
        String key = key(entry);
        Entry before = present.entries.containsKey(key) ? present.entries.get(key) : absent.entries.get(key);
        if (before == null ? entry.kind().forgets() : before.knownMillis() > entry.knownMillis()) {
            return Change.NOTHING;
        }
        boolean same = before != null && before.says(entry);
        if (before != null && same && entry.knownMillis() - before.knownMillis() < TIME_MILLIS) {
            return Change.NOTHING;
        }
        present.remove(key);
        absent.remove(key);
        if (!entry.kind().forgets()) {
            (entry.isAbsent() ? absent : present).add(key, entry);
        }
        return same ? Change.TIME : Change.CONTENT;
    }

    private static String key(Entry entry) {
        boolean certificate =
                entry.kind() == Entry.Kind.CERTIFICATE || entry.kind() == Entry.Kind.FORGOTTEN_CERTIFICATE;
        return (certificate ? "C" : "F").concat(entry.name());
    }

    /** Every entry. Those without texts come first, then the others, each in the order in which they came. */
    public List<Entry> all() {
        List<Entry> all = new ArrayList<>(absent.entries.values());
        all.addAll(present.entries.values());
        return all;
    }

    public int size() {
        return present.entries.size() + absent.entries.size();
    }
}
