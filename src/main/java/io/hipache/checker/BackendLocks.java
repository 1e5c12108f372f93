package io.hipache.checker;

import io.hipache.driver.redis.ClientName;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import io.lettuce.core.ScriptOutputType;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the hash {@code hchecker} which backends are checked here, as hipache-hchecker does (cache.go): the field of a URL
 * names who checks it. So two checkers do not check the same backend. A field of another one counts as long as that one is
 * alive; one that another process of this fleet has left behind does not.
 */
final class BackendLocks {

    private static final Logger LOG = LoggerFactory.getLogger(BackendLocks.class);

    /** Begins the name of each process of ours. */
    private static final String OURS = "hipache@";

    private static final String ACQUIRE =
            """
            local signed = redis.call('HGET', KEYS[1], ARGV[1])
            local name = signed and string.match(signed, '^(.-);') or signed
            if name == ARGV[2] then return 1 end
            if name then
              if string.sub(name, 1, 8) ~= 'hipache@' and ARGV[4] == '0' then return 0 end
              redis.call('HDEL', KEYS[1], ARGV[1] .. ';' .. name)
            end
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ';' .. ARGV[3])
            redis.call('HSET', KEYS[1], ARGV[1] .. ';' .. ARGV[2], '1')
            return 1
            """;

    private static final String RELEASE =
            """
            local signed = redis.call('HGET', KEYS[1], ARGV[1])
            if signed and string.match(signed, '^(.-);') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
            return redis.call('HDEL', KEYS[1], ARGV[1] .. ';' .. ARGV[2])
            """;

    private final StoreConnection store;
    private final String name =
            OURS + ClientName.machine() + "#" + ProcessHandle.current().pid();
    private final Map<String, Integer> users = new HashMap<>();
    private boolean troubleLogged;

    BackendLocks(StoreConnection store) {
        this.store = store;
    }

    /** Whether this process is the one that checks the URL, also if another check of the same URL runs here. */
    boolean acquire(String url, boolean othersCount) throws StoreException {
        if (!keep(url, othersCount)) {
            return false;
        }
        users.merge(url, 1, Integer::sum);
        return true;
    }

    /** Says it once more, in case somebody has deleted the hash; false when another checker has the URL now. */
    boolean keep(String url, boolean othersCount) throws StoreException {
        Instant now = Instant.now();
        try {
            return Long.valueOf(1)
                    .equals(run(
                            ACQUIRE, url, name, now.getEpochSecond() + "." + now.getNano(), othersCount ? "0" : "1"));
        } catch (StoreException e) {
            if (e.kind() != Kind.WRONG_TYPE) {
                throw e;
            }
            if (!troubleLogged) {
                troubleLogged = true;
                LOG.warn(
                        "active checks: other checkers cannot be told what is checked here, because the Redis key {} is no"
                                + " hash; delete it",
                        store.keys().checkedBackends());
            }
            return true;
        }
    }

    /** To be called once for each {@link #acquire}. */
    void release(String url) throws StoreException {
        if (users.merge(url, -1, Integer::sum) <= 0) {
            users.remove(url);
            run(RELEASE, url, name);
        }
    }

    private Object run(String script, String... values) throws StoreException {
        String[] names = {store.keys().checkedBackends()};
        return store.<Object>write(commands -> commands.eval(script, ScriptOutputType.INTEGER, names, values));
    }
}
