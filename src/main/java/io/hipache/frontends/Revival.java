package io.hipache.frontends;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Ends marks of dead backends before their time, on the server that takes writes. */
public final class Revival {

    private final StoreConnection store;

    public Revival(StoreConnection store) {
        this.store = store;
    }

    /** Ends all marks of a host. Returns how many there were. */
    public long reviveAll(HostState state) throws StoreException {
        requireKeys(state);
        long ended = 0;
        for (DeadSet set : state.deadSets()) {
            ended += revive(set.host(), set.marks().keySet());
        }
        return ended;
    }

    /**
     * Ends the marks of some backends of a host. Returns how many there were.
     *
     * @param which URLs as they are stored, or indexes
     */
    public long revive(HostState state, Collection<String> which) throws StoreException, InvalidInputException {
        requireKeys(state);
        Set<Integer> indexes = indexes(state, which);
        long ended = 0;
        for (DeadSet set : state.deadSets()) {
            ended += revive(set.host(), indexes);
        }
        return ended;
    }

    private static void requireKeys(HostState state) throws StoreException {
        state.requireList();
        for (DeadSet set : state.deadSets()) {
            if (set.problem() != null) {
                throw StoreException.wrongType(set.problem());
            }
        }
    }

    private static Set<Integer> indexes(HostState state, Collection<String> which) throws InvalidInputException {
        Set<Integer> indexes = new TreeSet<>();
        for (String word : which) {
            if (word.matches("\\d{1,6}")) {
                indexes.add(Integer.parseInt(word));
                continue;
            }
            List<Integer> named = state.backends().stream()
                    .filter(backend -> backend.entry().strip().equals(word))
                    .map(BackendEntry::index)
                    .toList();
            if (named.isEmpty()) {
                throw new InvalidInputException(state.host() + " has no backend " + word);
            }
            indexes.addAll(named);
        }
        return indexes;
    }

    /** Ends these marks of a host. Returns how many there were. */
    long revive(String host, Collection<Integer> indexes) throws StoreException {
        if (indexes.isEmpty()) {
            return 0;
        }
        RedisKeys keys = store.keys();
        String[] members = indexes.stream().map(String::valueOf).toArray(String[]::new);
        long ended = remove(keys.dead(host), members);
        remove(keys.softlyDead(host), members);
        return ended;
    }

    private long remove(String key, String... members) throws StoreException {
        try {
            return store.<Long>write(commands -> commands.srem(key, members));
        } catch (StoreException e) {
            throw e.kind() == Kind.WRONG_TYPE ? StoreException.wrongType(WrongType.set(key)) : e;
        }
    }
}
