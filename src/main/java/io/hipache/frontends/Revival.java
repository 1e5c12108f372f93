package io.hipache.frontends;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.Collection;

/** Ends marks of dead backends before their time, on the server that takes writes. */
public final class Revival {

    private final StoreConnection store;

    public Revival(StoreConnection store) {
        this.store = store;
    }

    /** Ends these marks of a host. Returns how many there were. */
    public long revive(String host, Collection<Integer> indexes) throws StoreException {
        if (indexes.isEmpty()) {
            return 0;
        }
        RedisKeys keys = store.keys();
        String[] members = indexes.stream().map(String::valueOf).toArray(String[]::new);
        long ended = store.<Long>write(commands -> commands.srem(keys.dead(host), members));
        store.<Long>write(commands -> commands.srem(keys.softlyDead(host), members));
        return ended;
    }
}
