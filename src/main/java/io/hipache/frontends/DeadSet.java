package io.hipache.frontends;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The marks of one host.
 *
 * @param host whose set it is
 * @param marks by the index of the backend; members that are no index are left out
 * @param problem why the set counts as empty, null when it could be read
 */
public record DeadSet(String host, Map<Integer, Mark> marks, @Nullable String problem) {

    /** A set that is longer holds more than indexes, and the router does not read it either. */
    private static final int MOST = 100_000;

    /**
     * One mark.
     *
     * @param soft whether a failure that one request can cause has set it
     * @param seconds until it ends, rounded up; negative when it never ends
     */
    public record Mark(boolean soft, long seconds) {

        /** {@code hard} or {@code soft}. */
        public String kind() {
            return soft ? "soft" : "hard";
        }
    }

    public DeadSet {
        marks = Map.copyOf(marks);
    }

    /** Reads the marks of a host. */
    public static DeadSet read(StoreConnection store, String host) throws StoreException {
        RedisKeys keys = store.keys();
        String key = keys.dead(host);
        try {
            if (store.<Long>read(commands -> commands.scard(key)) > MOST) {
                return new DeadSet(
                        host,
                        Map.of(),
                        "the Redis key " + key + " holds more than indexes; delete it (" + WrongType.deletion(key)
                                + ")");
            }
            Set<String> members = store.read(commands -> commands.smembers(key));
            if (members.isEmpty()) {
                return new DeadSet(host, Map.of(), null);
            }
            Set<String> soft = softMembers(store, keys.softlyDead(host));
            long millis = store.<Long>read(commands -> commands.pttl(key));
            return new DeadSet(host, marks(members, soft, millis), null);
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE) {
                return new DeadSet(host, Map.of(), WrongType.set(key));
            }
            throw e;
        }
    }

    /** All marks count as hard where it is no set. */
    private static Set<String> softMembers(StoreConnection store, String key) throws StoreException {
        try {
            return store.read(commands -> commands.smembers(key));
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE) {
                return Set.of();
            }
            throw e;
        }
    }

    static Map<Integer, Mark> marks(Set<String> members, Set<String> soft, long millis) {
        long seconds = millis < 0 ? -1 : (millis + 999) / 1000;
        Map<Integer, Mark> marks = new TreeMap<>();
        for (String member : members) {
            if (member.matches("\\d{1,6}")) {
                marks.put(Integer.parseInt(member), new Mark(soft.contains(member), seconds));
            }
        }
        return marks;
    }
}
