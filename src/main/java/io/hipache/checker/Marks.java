package io.hipache.checker;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.lettuce.core.ScriptOutputType;
import java.util.Objects;

/**
 * Marks backends as hipache-hchecker does (cache.go): for 60 seconds, and by their index. One script looks whether the list
 * still has the same entry at this place, whether this process still is the one that checks, and whether planb's monitor has
 * the backend. It never touches that one's lock, the string {@code dead:<host>:<entry>}.
 */
final class Marks {

    /** What became of a mark. */
    enum Result {
        /** It is set or taken away now, and was not before. */
        CHANGED,
        UNCHANGED,
        /** The list has another entry at this place. */
        MOVED,
        /** The only backend of a host is never marked. */
        ONLY_BACKEND,
        /** planb checks this backend. */
        OTHERS,
        /** Another process of the fleet checks now. */
        NOT_ELECTED
    }

    /** Never shortens the time of marks that others have set. */
    private static final String SCRIPT =
            """
            local list, dead, soft, planb, checker = unpack(KEYS)
            local owner, position, entry, index, wanted, marked, elsewhere = unpack(ARGV)
            if redis.call('GET', checker) ~= owner then return 'NOT_ELECTED' end
            if redis.call('TYPE', planb)['ok'] == 'string' then return 'OTHERS' end
            local length = redis.call('LLEN', list)
            local lost
            if length > 0 or elsewhere == '0' then
              if redis.call('LINDEX', list, position) ~= entry then lost = 'MOVED'
              elseif length < 3 and wanted == 'dead' then lost = 'ONLY_BACKEND' end
            end
            if wanted == 'dead' and not lost then
              redis.call('SREM', soft, index)
              local added = redis.call('SADD', dead, index)
              if redis.call('TTL', dead) < 60 then redis.call('EXPIRE', dead, 60) end
              return added == 1 and 'CHANGED' or 'UNCHANGED'
            end
            if lost and marked == '0' then return lost end
            redis.call('SREM', soft, index)
            local removed = redis.call('SREM', dead, index)
            return lost or removed == 1 and 'CHANGED' or 'UNCHANGED'
            """;

    private final StoreConnection store;
    private final String owner;

    /** @param owner see {@link Election#owner} */
    Marks(StoreConnection store, String owner) {
        this.store = store;
        this.owner = owner;
    }

    /**
     * Marks a backend, or takes its mark away.
     *
     * @param ours whether the mark is of this process, which takes it away when it does not fit any more
     */
    Result set(Listing listing, boolean dead, boolean ours) throws StoreException {
        RedisKeys keys = store.keys();
        String position = Integer.toString(listing.index() + 1);
        if (store.isSplit()) {
            String entry = store.<String>read(
                    commands -> commands.lindex(keys.frontend(listing.frontend()), listing.index() + 1));
            if (!Objects.equals(entry, listing.entry())) {
                return Result.MOVED;
            }
        }
        String[] names = {
            keys.frontend(listing.frontend()),
            keys.dead(listing.host()),
            keys.softlyDead(listing.host()),
            keys.dead(listing.host() + ":" + listing.entry()),
            keys.checker()
        };
        return Result.valueOf(store.<String>write(commands -> commands.eval(
                SCRIPT,
                ScriptOutputType.VALUE,
                names,
                owner,
                position,
                listing.entry(),
                Integer.toString(listing.index()),
                dead ? "dead" : "alive",
                ours ? "1" : "0",
                store.isSplit() ? "1" : "0")));
    }
}
