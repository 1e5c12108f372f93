package io.hipache.admission;

import org.jspecify.annotations.Nullable;

/** Places in the order in which they came; each is in one list at most. Nothing is allocated. Confined to the event loop. */
final class PlaceList {
    private @Nullable ClientPlace first;
    private @Nullable ClientPlace last;

    @Nullable
    ClientPlace first() {
        return first;
    }

    void add(ClientPlace place) {
        place.list = this;
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
    }

    void remove(ClientPlace place) {
        ClientPlace before = place.before;
        ClientPlace after = place.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        place.list = null;
        place.before = null;
        place.after = null;
    }
}
