package io.hipache.routing;

import org.jspecify.annotations.Nullable;

/**
 * Keeps parsed entries of frontends, because the same few are needed for request after request. Each slot has one entry, the
 * newest with its hash, so that the memory does not grow with the number of frontends. Confined to the worker's event loop.
 */
final class ParsedEntries {

    private static final int SLOTS = 256;

    /** Longer entries are not kept, so that all slots together take about 100 KB. */
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
