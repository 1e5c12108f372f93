package io.hipache.routing;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.Rows;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws a live backend; each has the same chance. It draws an index and parses only the entry at that index. When that entry
 * cannot be used, it draws again a few times, and then looks at the whole list. Both ways give every usable backend the same
 * chance. Confined to the worker's event loop.
 */
final class BackendPicker {

    /** Draws before it looks at the whole list. When half of the backends are usable, 1 request in 256 needs the whole list. */
    private static final int DRAWS = 8;

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
     */
    Route pick(HostLookup lookup, String name, Rows rows, Collection<Backend> tried, Route.@Nullable Chosen preferred) {
        List<String> entries = rows.entries();
        Set<Integer> dead = rows.dead();
        int backends = entries.size() - 1;
        String requested = lookup.requestedHost();
        Frontend frontend = new Frontend(
                name.equalsIgnoreCase(requested) ? name : requested,
                name,
                entries.get(0),
                backends,
                lookup.deadHost(name));
        if (preferred != null && preferred.index() < backends && !dead.contains(preferred.index())) {
            BackendUrl url = parsed.parse(entries.get(preferred.index() + 1));
            if (url != null && url.backend().equals(preferred.backend()) && !tried.contains(url.backend())) {
                return chosen(url, frontend, preferred.index(), entries);
            }
        }
        for (int draw = 0; draw < DRAWS && backends > 0; draw++) {
            int index = random.nextInt(backends);
            BackendUrl url = dead.contains(index) ? null : parsed.parse(entries.get(index + 1));
            if (url != null && !tried.contains(url.backend())) {
                return chosen(url, frontend, index, entries);
            }
        }
        return pickFromAll(frontend, entries, dead, tried);
    }

    /** Reservoir sampling: one pass that keeps the k-th candidate with a chance of 1/k needs no list of candidates. */
    private Route pickFromAll(Frontend frontend, List<String> entries, Set<Integer> dead, Collection<Backend> tried) {
        boolean alive = false;
        BackendUrl picked = null;
        int pickedIndex = 0;
        boolean pickedFresh = false;
        int candidates = 0;
        for (int index = 0; index < frontend.backends(); index++) {
            if (dead.contains(index)) {
                continue;
            }
            alive = true;
            BackendUrl url = BackendUrl.parse(entries.get(index + 1));
            if (url == null) {
                continue;
            }
            boolean fresh = !tried.contains(url.backend());
            if (pickedFresh && !fresh) {
                continue;
            }
            candidates = fresh == pickedFresh ? candidates + 1 : 1;
            if (random.nextInt(candidates) == 0) {
                picked = url;
                pickedIndex = index;
            }
            pickedFresh = fresh;
        }
        if (picked != null) {
            return chosen(picked, frontend, pickedIndex, entries);
        }
        return refused(frontend, alive);
    }

    private Route chosen(BackendUrl url, Frontend frontend, int index, List<String> entries) {
        String entry = entries.get(index + 1);
        String announced = announceRaw ? url.announcedAs(entry) : url.href();
        return new Route.Chosen(url.backend(), frontend, index, url.href(), announced, entry);
    }

    private static Route refused(Frontend frontend, boolean alive) {
        String host = frontend.requestedHost();
        return alive
                ? new Route.Refused(502, EndReason.INVALID_BACKEND, "backend is invalid", host, frontend)
                : new Route.Refused(502, EndReason.NO_LIVE_BACKEND, "Cannot find a valid backend", host, frontend);
    }
}
