package io.hipache.routing;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what entries of frontends were parsed to, since the same few come with request after request. One entry in
 * each slot, the newest that falls there, so that no number of frontends makes it grow. Confined to the worker's event
 * loop.
 */
final class ParsedEntries {

    private static final int SLOTS = 256;

    /** Longer entries are not kept: with all slots taken these are some 100 KB. */
    private static final int LONGEST_KEPT = 128;

    private final @Nullable Parsed[] slots = new Parsed[SLOTS];

    private record Parsed(String entry, BackendUrl url) {}

    /** As {@link BackendUrl#parse}. */
    @Nullable
    BackendUrl parse(String entry) {
        int slot = entry.hashCode() & (SLOTS - 1);
        Parsed kept = slots[slot];
        if (kept != null && kept.entry.equals(entry)) {
            return kept.url;
        }
        BackendUrl url = BackendUrl.parse(entry);
        if (url != null && entry.length() <= LONGEST_KEPT) {
            slots[slot] = new Parsed(entry, url);
        }
        return url;
    }
}
