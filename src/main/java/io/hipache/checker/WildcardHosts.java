package io.hipache.checker;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hosts for which a backend of a wildcard was announced. A client can ask for any number of such hosts, so only some of
 * them are followed: the marks of the others run out, and they are announced again where somebody still asks for them.
 */
final class WildcardHosts {

    static final int MOST_PER_BACKEND = 100;

    private record Place(String frontend, int index) {}

    private final Map<Place, Set<Listing>> hosts = new HashMap<>();

    /** Adds a host. Gives the one that was added first when there are too many; it is not one of these any more. */
    @Nullable
    Listing add(Listing listing) {
        if (!listing.ofWildcard()) {
            return null;
        }
        Set<Listing> same = hosts.computeIfAbsent(place(listing), place -> new LinkedHashSet<>());
        same.add(listing);
        if (same.size() <= MOST_PER_BACKEND) {
            return null;
        }
        Iterator<Listing> eldest = same.iterator();
        Listing dropped = eldest.next();
        eldest.remove();
        return dropped;
    }

    void remove(Listing listing) {
        Place place = place(listing);
        Set<Listing> same = hosts.get(place);
        if (same != null && same.remove(listing) && same.isEmpty()) {
            hosts.remove(place);
        }
    }

    /** Whether this one speaks for all of its wildcard in the log; a host of its own always does. */
    boolean isFirst(Listing listing) {
        Set<Listing> same = hosts.get(place(listing));
        return !listing.ofWildcard() || same == null || same.iterator().next().equals(listing);
    }

    private static Place place(Listing listing) {
        return new Place(listing.frontend(), listing.index());
    }
}
