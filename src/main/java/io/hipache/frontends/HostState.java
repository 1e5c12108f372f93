package io.hipache.frontends;

import io.hipache.frontends.DeadSet.Mark;
import io.hipache.routing.Route;
import io.hipache.store.StoreException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store says about one host, and what the router makes of it.
 *
 * @param host in the form that is looked up
 * @param names all names under which a frontend may be, in the order in which they are looked up
 * @param identifier the first element of the list that was found, null when there is none
 * @param backends those of the list that was found
 * @param deadSets the dead sets that count for it
 * @param route what the router finds for the next request
 */
public record HostState(
        String host,
        List<Name> names,
        @Nullable String identifier,
        List<BackendEntry> backends,
        List<DeadSet> deadSets,
        Route route) {

    public HostState {
        names = List.copyOf(names);
        backends = List.copyOf(backends);
        deadSets = List.copyOf(deadSets);
    }

    /** What is stored under a name. */
    public enum Finding {
        /** This list is used. */
        MATCHES,
        /** There is no such key. */
        ABSENT,
        /** The key is no list, and so the look-up ends here. */
        WRONG_TYPE,
        /** The list is over a bound, and so the look-up ends here. */
        TOO_LARGE,
        /** An earlier name was found. The key exists. */
        SHADOWED,
        /** An earlier name was found, and there is no such key. */
        NOT_NEEDED
    }

    /**
     * One name of the look-up.
     *
     * @param key in Redis
     * @param length of the list
     */
    public record Name(String name, String key, Finding finding, long length) {}

    /**
     * One backend.
     *
     * @param entry as it is stored
     * @param usable whether the router can connect to it
     * @param mark null when the backend counts as alive
     */
    public record BackendEntry(int index, String entry, boolean usable, @Nullable Mark mark) {

        /** Whether the next request may go there. */
        public boolean isCandidate() {
            return usable && mark == null;
        }
    }

    /** The name whose list is used, or at which the look-up ends; null when nothing was found. */
    public @Nullable Name found() {
        return names.stream()
                .filter(name -> name.finding() == Finding.MATCHES
                        || name.finding() == Finding.WRONG_TYPE
                        || name.finding() == Finding.TOO_LARGE)
                .findFirst()
                .orElse(null);
    }

    /**
     * For those who need the list that was found.
     *
     * @throws StoreException when it is none, or too large
     */
    public void requireList() throws StoreException {
        Name found = found();
        if (found != null && found.finding() == Finding.WRONG_TYPE) {
            throw StoreException.wrongType(WrongType.list(found.key()));
        }
        if (found != null && found.finding() == Finding.TOO_LARGE) {
            throw StoreException.wrongType(found.key() + " is too large; shorten it, or raise server.maxBackends");
        }
    }

    /** Whether the next request gets to a backend. */
    public boolean isRouted() {
        return route instanceof Route.Chosen;
    }
}
