package io.hipache.driver.copy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one name: its list under {@code frontend:} and its set under {@code dead:}, each with the time at which Redis
 * was asked. Both parts are read and changed apart from each other.
 */
final class KnownName extends TinyLfu.Entry {

    /** The entry itself, its place in the map, and its name. */
    private static final int OWN_BYTES = 200;

    private static final int BYTES_PER_STRING = 56;
    private static final int BYTES_PER_MARK = 56;
    private static final long SHORTLY_NANOS = 1_000_000_000;

    /** No connection has this number: what was read on it is not fresh. */
    private static final int OUTDATED = -1;

    private List<String> list = List.of();
    private int listBytes;
    private int listConnection = OUTDATED;
    private boolean listKnown;
    private long listReadNanos;

    private @Nullable Set<Integer> dead;
    private int deadConnection = OUTDATED;
    private int covers;
    private long deadReadNanos;
    private long deadUntilNanos;

    private boolean changeIsKnown;
    private long changedNanos;
    private boolean settling;
    private long settledNanos;

    private final Reported reported = new Reported();

    KnownName(String name) {
        super(name);
    }

    @Override
    int bytes() {
        Set<Integer> marks = dead;
        return OWN_BYTES + 2 * name().length() + listBytes + (marks == null ? 0 : BYTES_PER_MARK * marks.size());
    }

    /** The list, empty where Redis has none. To be asked for when {@link #knowsList}. */
    List<String> list() {
        return list;
    }

    /** Whether the list was read at all. */
    boolean knowsList() {
        return listKnown;
    }

    boolean hasBackends() {
        return list.size() > 1;
    }

    boolean listIsFresh(int connection, long sinceNanos) {
        return listConnection == connection && listReadNanos - sinceNanos >= 0;
    }

    /** On which connection the list was read. None has this number when the list has changed since. */
    int listConnection() {
        return listConnection;
    }

    /** When Redis was asked for the list. */
    long listReadNanos() {
        return listReadNanos;
    }

    /** What the supervisor was told of this name. */
    Reported reported() {
        return reported;
    }

    /** The list as another worker had it from Redis at a time. */
    void restored(List<String> read, long nanos) {
        list(read, OUTDATED, nanos);
    }

    /** The list as Redis had it at a time. */
    void list(List<String> read, int connection, long nanos) {
        if (read != list) {
            listBytes = bytes(read);
        }
        list = read;
        listKnown = true;
        listConnection = connection;
        listReadNanos = nanos;
        settling = false;
        changeIsKnown = false;
    }

    private static int bytes(List<String> list) {
        int bytes = 0;
        for (int i = 0; i < list.size(); i++) {
            bytes += BYTES_PER_STRING + list.get(i).length();
        }
        return bytes;
    }

    /** Redis has another list since. */
    void listChanged(long now) {
        if (listConnection != OUTDATED) {
            listConnection = OUTDATED;
            changedNanos = now;
            changeIsKnown = true;
        }
    }

    /** Whether all marks of a list with this many backends are known. */
    boolean deadIsFresh(int connection, long sinceNanos, long now, int backends) {
        return deadConnection == connection
                && deadReadNanos - sinceNanos >= 0
                && deadUntilNanos - now > 0
                && covers >= backends;
    }

    /** The marks as they were read last, those whose time is over left out. */
    Set<Integer> marks(long now) {
        Set<Integer> marks = dead;
        return marks == null || deadUntilNanos - now <= 0 ? Set.of() : marks;
    }

    /**
     * The marks as Redis had them at a time.
     *
     * @param backends the marks of this many backends were read
     * @param untilNanos when Redis forgets them
     */
    void dead(Set<Integer> read, int backends, int connection, long nanos, long untilNanos) {
        dead = read;
        covers = backends;
        deadConnection = connection;
        deadReadNanos = nanos;
        deadUntilNanos = untilNanos;
    }

    void deadChanged() {
        deadConnection = OUTDATED;
    }

    /**
     * Whether the backends that have vanished are kept: for a while after the change. Where the change was not told, it counts
     * from when it was noticed, and only if the backends were there shortly before. So a list that was deleted long ago does
     * not come back.
     *
     * @param told whether changes are told
     */
    boolean isSettling(long now, long settleNanos, boolean told) {
        if (!settling) {
            settling = true;
            if (told && changeIsKnown) {
                settledNanos = changedNanos + settleNanos;
            } else {
                settledNanos = now - listReadNanos <= Math.max(settleNanos, SHORTLY_NANOS) ? now + settleNanos : now;
            }
        }
        return settledNanos - now > 0;
    }
}
