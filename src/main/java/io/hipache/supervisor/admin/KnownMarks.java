package io.hipache.supervisor.admin;

import io.hipache.figures.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backends that this machine has marked dead, by its workers or its active checks, until the mark ends or the backend answers.
 * Other machines may have marked others. Not for several threads at a time.
 */
final class KnownMarks {
    static final int MOST = 10_000;

    /** A backend of a frontend. */
    private record Key(String host, String backend) {}

    /**
     * A mark.
     *
     * @param sinceMillis when it was set first
     * @param untilMillis when the store forgets it
     */
    record Mark(String host, String backend, long sinceMillis, long untilMillis) {}

    private final Map<Key, Mark> marks = new LinkedHashMap<>();

    /**
     * Notes a mark or a revival.
     *
     * @param ttlMillis how long a mark lasts
     * @return whether the event is news: not the mark of a backend that is marked already
     */
    boolean note(Event event, long ttlMillis) {
        Key key = new Key(event.host(), event.subject());
        if (event.kind() == Event.Kind.REVIVAL) {
            return marks.remove(key) != null;
        }
        boolean renewed = event.detail().equals("dead_already");
        if (event.kind() == Event.Kind.MARK && (renewed || event.detail().startsWith("marked"))) {
            Mark before = valid(marks.remove(key), event.millis());
            long since = before == null ? event.millis() : before.sinceMillis();
            marks.put(key, new Mark(event.host(), event.subject(), since, event.millis() + ttlMillis));
            if (marks.size() > MOST) {
                marks.remove(marks.keySet().iterator().next());
            }
            return before == null;
        }
        return true;
    }

    private static @Nullable Mark valid(@Nullable Mark mark, long nowMillis) {
        return mark == null || mark.untilMillis() < nowMillis ? null : mark;
    }

    /** Those that are in force, the newest last. */
    List<Mark> all(long nowMillis) {
        marks.values().removeIf(mark -> mark.untilMillis() < nowMillis);
        return List.copyOf(marks.values());
    }

    List<Mark> of(String host, long nowMillis) {
        List<Mark> some = new ArrayList<>(all(nowMillis));
        some.removeIf(mark -> !mark.host().equals(host));
        return some;
    }
}
