package io.hipache.frontends;

import io.hipache.driver.lookup.LookupBounds;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Finding;
import io.hipache.frontends.HostState.Name;
import io.hipache.routing.BackendUrl;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.hipache.routing.Room;
import io.hipache.routing.Route;
import io.hipache.routing.Router;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads everything about one host, and has the router itself decide about its next request. */
public final class HostReader {

    private final StoreConnection store;
    private final boolean matchedKey;
    private final LookupBounds bounds;

    /**
     * @param matchedKey see {@link DeathSettings#matchedKey}
     * @param maxBackends the most backends of one frontend
     */
    public HostReader(StoreConnection store, boolean matchedKey, int maxBackends) {
        this.store = store;
        this.matchedKey = matchedKey;
        this.bounds = new LookupBounds(maxBackends);
    }

    /**
     * Reads one host.
     *
     * @throws InvalidInputException when there is no host that could be looked up
     */
    public HostState read(String host) throws StoreException, InvalidInputException {
        Look look = new Look();
        AtomicReference<@Nullable Route> found = new AtomicReference<>();
        new Router(look, new DeathSettings(matchedKey, false))
                .route(host, List.of(), null, backend -> Room.SOCKET, 0, found::set);
        Route route = found.get();
        StoreException failure = look.failure;
        if (failure != null) {
            throw failure;
        }
        HostLookup lookup = look.lookup;
        if (lookup == null || route == null) {
            // says what is wrong with the host
            FrontendName.of(host);
            throw new InvalidInputException("\"" + host + "\" cannot be looked up");
        }
        return look.state(lookup, route);
    }

    /** One look-up, as the router asks for it. */
    private final class Look implements Driver {

        private final List<Name> names = new ArrayList<>();
        private List<String> entries = List.of();
        private List<DeadSet> deadSets = List.of();
        private @Nullable HostLookup lookup;
        private @Nullable StoreException failure;

        @Override
        public void read(HostLookup asked, ReadCallback callback) {
            lookup = asked;
            try {
                Name found = find(asked);
                if (found == null) {
                    callback.rows(new Rows(null, List.of(), Set.of()));
                } else if (found.finding() == Finding.WRONG_TYPE) {
                    callback.wrongType();
                } else if (found.finding() == Finding.TOO_LARGE) {
                    callback.tooLarge();
                } else {
                    entries = store.read(commands -> commands.lrange(found.key(), 0, -1));
                    deadSets = deadSets(asked, found.name());
                    callback.rows(new Rows(entries.isEmpty() ? null : found.name(), entries, marks().keySet()));
                }
            } catch (StoreException e) {
                failure = e;
                callback.unavailable(String.valueOf(e.getMessage()));
            }
        }

        private @Nullable Name find(HostLookup asked) throws StoreException {
            Name found = null;
            for (String name : asked.names()) {
                Name looked = look(name, found != null);
                names.add(looked);
                if (found == null && looked.finding() != Finding.ABSENT) {
                    found = looked;
                }
            }
            return found;
        }

        private Name look(String name, boolean foundBefore) throws StoreException {
            String key = store.keys().frontend(name);
            long length;
            try {
                length = store.<Long>read(commands -> commands.llen(key));
            } catch (StoreException e) {
                if (e.kind() == Kind.WRONG_TYPE) {
                    return new Name(name, key, foundBefore ? Finding.SHADOWED : Finding.WRONG_TYPE, 0);
                }
                throw e;
            }
            if (foundBefore) {
                return new Name(name, key, length == 0 ? Finding.NOT_NEEDED : Finding.SHADOWED, length);
            }
            return new Name(name, key, length == 0 ? Finding.ABSENT : fits(key, length), length);
        }

        private Finding fits(String key, long length) throws StoreException {
            if (length > bounds.entries()) {
                return Finding.TOO_LARGE;
            }
            Long bytes = store.read(commands -> commands.memoryUsage(key));
            return bytes != null && bytes > bounds.bytes() ? Finding.TOO_LARGE : Finding.MATCHES;
        }

        /** The sets that the driver reads: of the requested host, and of the matched name where that is configured. */
        private List<DeadSet> deadSets(HostLookup asked, String name) throws StoreException {
            List<DeadSet> sets = new ArrayList<>();
            int place = asked.names().indexOf(name);
            boolean spelling = place < asked.spellings();
            sets.add(DeadSet.read(store, spelling ? name : asked.requestedHost()));
            if (!spelling && asked.matchedKey()) {
                sets.add(DeadSet.read(store, name));
            }
            return sets;
        }

        private Map<Integer, Mark> marks() {
            Map<Integer, Mark> marks = new HashMap<>();
            deadSets.forEach(set -> set.marks().forEach(marks::putIfAbsent));
            return marks;
        }

        HostState state(HostLookup asked, Route route) {
            Map<Integer, Mark> marks = marks();
            List<BackendEntry> backends = new ArrayList<>();
            for (int i = 1; i < entries.size(); i++) {
                String entry = entries.get(i);
                backends.add(new BackendEntry(i - 1, entry, BackendUrl.parse(entry) != null, marks.get(i - 1)));
            }
            return new HostState(
                    asked.requestedHost(), names, entries.isEmpty() ? null : entries.get(0), backends, deadSets, route);
        }

        @Override
        public void markDead(DeadBackend dead, Consumer<Marking> told) {
            told.accept(Marking.FAILED);
        }

        @Override
        public boolean isReachable() {
            return true;
        }

        @Override
        public boolean answersFromCopy() {
            return false;
        }

        @Override
        public boolean activeCheckerAlive() {
            return false;
        }

        @Override
        public void close() {}
    }
}
