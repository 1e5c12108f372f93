package io.hipache.routing;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.Rows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws one of the best live backends; each of them has the same chance. A backend that has not failed for this request is
 * better than one that has. Of these, a backend with a free socket is better than a full one. The picker draws an index and
 * parses only the entry at that index. When that entry cannot be used, it draws again a few times, and then looks at the
 * whole list. Both ways give every usable backend the same chance. Confined to the worker's event loop.
 */
final class BackendPicker {

    /** Draws before it looks at the whole list. When half of the backends are usable, 1 request in 256 needs the whole list. */
    private static final int DRAWS = 8;

    private static final int BEST = 0;
    /** In this many queues of other backends a request would be served as well. */
    private static final int MOST_ALTERNATIVES = 3;
    /** Is added to the rank of a backend that failed for this request, so that each of the others is better. */
    private static final int TRIED = Room.values().length;

    private final RandomGenerator random;
    private final ParsedEntries parsed = new ParsedEntries();
    private final boolean announceRaw;

    /** @param announceRaw see {@link DeathSettings#rawUrl} */
    BackendPicker(RandomGenerator random, boolean announceRaw) {
        this.random = random;
        this.announceRaw = announceRaw;
    }

    /**
     * Picks the backend of one attempt.
     *
     * @param rows of a frontend that was found, so with at least the virtual host
     * @param tried backends that failed for this request already; picked again only when no other one is alive
     * @param preferred picked again if it still stands at its index and is alive, null for none
     * @param room what happens to the request at a backend
     */
    Route pick(
            HostLookup lookup,
            String name,
            Rows rows,
            Collection<Backend> tried,
            Route.@Nullable Chosen preferred,
            Function<Backend, Room> room) {
        List<String> entries = rows.entries();
        Set<Integer> dead = rows.dead();
        int backends = entries.size() - 1;
        String requested = lookup.requestedHost();
        Frontend frontend = new Frontend(
                name.equalsIgnoreCase(requested) ? name : requested,
                name,
                entries.get(0),
                backends,
                lookup.deadHost(name),
                rows.stale());
        if (preferred != null && preferred.index() < backends && !dead.contains(preferred.index())) {
            BackendUrl url = parsed.parse(entries.get(preferred.index() + 1));
            if (url != null && url.backend().equals(preferred.backend()) && !tried.contains(url.backend())) {
                return chosen(url, frontend, preferred.index(), entries, List.of());
            }
        }
        for (int draw = 0; draw < DRAWS && backends > 0; draw++) {
            int index = random.nextInt(backends);
            BackendUrl url = dead.contains(index) ? null : parsed.parse(entries.get(index + 1));
            if (url != null && (backends == 1 || rank(url.backend(), tried, room) == BEST)) {
                return chosen(url, frontend, index, entries, List.of());
            }
        }
        return pickFromAll(frontend, entries, dead, tried, room);
    }

    /** The lower, the better. */
    private static int rank(Backend backend, Collection<Backend> tried, Function<Backend, Room> room) {
        int fullness = room.apply(backend).rank();
        return tried.contains(backend) ? fullness + TRIED : fullness;
    }

    /** Reservoir sampling: one pass that keeps the k-th candidate with a chance of 1/k needs no list of candidates. */
    private Route pickFromAll(
            Frontend frontend,
            List<String> entries,
            Set<Integer> dead,
            Collection<Backend> tried,
            Function<Backend, Room> room) {
        boolean alive = false;
        BackendUrl picked = null;
        int pickedIndex = 0;
        int pickedRank = Integer.MAX_VALUE;
        int candidates = 0;
        List<Backend> alternatives = List.of();
        for (int index = 0; index < frontend.backends(); index++) {
            if (dead.contains(index)) {
                continue;
            }
            alive = true;
            BackendUrl url = BackendUrl.parse(entries.get(index + 1));
            if (url == null) {
                continue;
            }
            int rank = rank(url.backend(), tried, room);
            if (rank > pickedRank) {
                continue;
            }
            if (rank < pickedRank) {
                alternatives = List.of();
                candidates = 0;
                picked = null;
                pickedRank = rank;
            }
            candidates++;
            BackendUrl loser = url;
            if (random.nextInt(candidates) == 0) {
                loser = picked;
                picked = url;
                pickedIndex = index;
            }
            if (loser != null && rank == Room.QUEUE.rank()) {
                alternatives = withAlternative(alternatives, loser.backend(), candidates - 1);
            }
        }
        if (picked != null) {
            return chosen(picked, frontend, pickedIndex, entries, alternatives);
        }
        return refused(frontend, alive);
    }

    /** Reservoir sampling again: each of the {@code seen} backends that were not picked has the same chance to be kept. */
    private List<Backend> withAlternative(List<Backend> alternatives, Backend backend, int seen) {
        List<Backend> kept = alternatives.isEmpty() ? new ArrayList<>(MOST_ALTERNATIVES) : alternatives;
        if (kept.size() < MOST_ALTERNATIVES) {
            kept.add(backend);
        } else {
            int place = random.nextInt(seen);
            if (place < MOST_ALTERNATIVES) {
                kept.set(place, backend);
            }
        }
        return kept;
    }

    private Route chosen(
            BackendUrl url, Frontend frontend, int index, List<String> entries, List<Backend> alternatives) {
        String entry = entries.get(index + 1);
        String announced = announceRaw ? url.announcedAs(entry) : url.href();
        return new Route.Chosen(url.backend(), frontend, index, url.href(), announced, entry, alternatives);
    }

    private static Route refused(Frontend frontend, boolean alive) {
        String host = frontend.requestedHost();
        return alive
                ? new Route.Refused(502, EndReason.INVALID_BACKEND, "backend is invalid", host, frontend)
                : new Route.Refused(502, EndReason.NO_LIVE_BACKEND, "Cannot find a valid backend", host, frontend);
    }
}
