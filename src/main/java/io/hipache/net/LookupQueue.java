package io.hipache.net;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which look-ups of names run, and in which order. A look-up that hangs keeps its thread for many seconds, so nobody may
 * have all threads:
 *
 * <ul>
 *   <li>Names that were quick the last time come first, then names that were never looked up, then names that were slow.
 *   <li>An eighth of the threads stays for names that were quick. Names that were slow have a quarter at most.
 *   <li>The names of one domain have three quarters of the threads and of the places in the queue at most.
 * </ul>
 *
 * <p>Confined to the event loop.
 */
final class LookupQueue {

    /** How a name behaved when it was looked up last; in the order in which names get a thread. */
    enum Pace {
        QUICK,
        UNKNOWN,
        SLOW
    }

    /** One look-up, from its call of {@link #enter} to its call of {@link #leave}. */
    static final class Place {
        private final String name;
        private final Pace pace;
        private final Domain domain;
        private boolean running;

        private Place(String name, Pace pace, Domain domain) {
            this.name = name;
            this.pace = pace;
            this.domain = domain;
        }

        String name() {
            return name;
        }

        boolean isRunning() {
            return running;
        }
    }

    /** The look-ups of the names that have the same last two labels. */
    private static final class Domain {
        private final String name;
        private int running;
        private int waiting;

        Domain(String name) {
            this.name = name;
        }
    }

    private final int threads;
    private final int mostOfDomain;
    private final int mostSlow;
    private final int mostUnlessQuick;
    private final int places;
    private final int mostPlacesOfDomain;
    private final Map<String, Domain> domains = new HashMap<>();
    /** One queue for each pace, in the order of the paces. Sets, so that a look-up leaves without a search. */
    private final Map<Pace, Set<Place>> queues = new EnumMap<>(Pace.class);

    private int waiting;
    private int running;
    private int runningSlow;

    /**
     * @param threads how many look-ups may run at a time
     * @param places how many look-ups may wait
     */
    LookupQueue(int threads, int places) {
        this.threads = threads;
        this.mostOfDomain = share(threads, 75);
        this.mostSlow = share(threads, 25);
        this.mostUnlessQuick = share(threads, 88);
        this.places = places;
        this.mostPlacesOfDomain = share(places, 75);
        for (Pace pace : Pace.values()) {
            queues.put(pace, new LinkedHashSet<>());
        }
    }

    private static int share(int all, int percent) {
        return Math.max(1, all * percent / 100);
    }

    /** A place for a name that is to be looked up, or null when there is none. */
    @Nullable
    Place enter(String name, Pace pace) {
        String key = domainOf(name);
        Domain domain = domains.get(key);
        if (waiting >= places || (domain != null && domain.waiting >= mostPlacesOfDomain)) {
            return null;
        }
        if (domain == null) {
            domain = new Domain(key);
            domains.put(key, domain);
        }
        Place place = new Place(name, pace, domain);
        queue(place).add(place);
        waiting++;
        domain.waiting++;
        return place;
    }

    /** Takes the next look-up that may run now out of the queue, or returns null. */
    @Nullable
    Place next() {
        for (Map.Entry<Pace, Set<Place>> queue : queues.entrySet()) {
            if (mayRun(queue.getKey())) {
                for (Place place : queue.getValue()) {
                    if (place.domain.running < mostOfDomain) {
                        begin(place);
                        return place;
                    }
                }
            }
        }
        return null;
    }

    private boolean mayRun(Pace pace) {
        return switch (pace) {
            case QUICK -> running < threads;
            case UNKNOWN -> running < mostUnlessQuick;
            case SLOW -> running < mostUnlessQuick && runningSlow < mostSlow;
        };
    }

    private void begin(Place place) {
        endWaiting(place);
        place.running = true;
        place.domain.running++;
        running++;
        runningSlow += place.pace == Pace.SLOW ? 1 : 0;
    }

    /** The look-up has ended, or nobody waits for it and it has not begun. */
    void leave(Place place) {
        if (place.running) {
            place.running = false;
            place.domain.running--;
            running--;
            runningSlow -= place.pace == Pace.SLOW ? 1 : 0;
        } else {
            endWaiting(place);
        }
        if (place.domain.running == 0 && place.domain.waiting == 0) {
            domains.remove(place.domain.name);
        }
    }

    private void endWaiting(Place place) {
        queue(place).remove(place);
        waiting--;
        place.domain.waiting--;
    }

    /** Domains of which a name waits or is looked up. */
    int domains() {
        return domains.size();
    }

    private Set<Place> queue(Place place) {
        return Objects.requireNonNull(queues.get(place.pace));
    }

    /** The last two labels; empty for a name of one label. */
    private static String domainOf(String name) {
        int end = name.endsWith(".") ? name.length() - 1 : name.length();
        int last = name.lastIndexOf('.', end - 1);
        return last < 0 ? "" : name.substring(name.lastIndexOf('.', last - 1) + 1, end);
    }
}
