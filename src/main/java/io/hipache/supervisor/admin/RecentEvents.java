package io.hipache.supervisor.admin;

import io.hipache.figures.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** What happened last, in the workers and in the supervisor. Not for several threads at a time. */
final class RecentEvents {
    static final int MOST = 1_000;

    /**
     * One event.
     *
     * @param kind such as {@code mark} or {@code reload}
     * @param host the frontend, empty when the event is about none
     * @param subject the backend, the limit or the worker
     * @param detail in words
     * @param worker the process that told it, 0 for the supervisor
     */
    record Entry(long millis, String kind, String host, String subject, String detail, long worker) {}

    /** Of what somebody has sent, so that the events stay below a megabyte. */
    private static final int MOST_CHARACTERS = 500;

    private final Deque<Entry> entries = new ArrayDeque<>();

    void add(Entry entry) {
        entries.add(entry);
        if (entries.size() > MOST) {
            entries.removeFirst();
        }
    }

    void add(Event event, long worker) {
        String kind = event.kind().name().toLowerCase(Locale.ROOT);
        add(new Entry(event.millis(), kind, event.host(), event.subject(), event.detail(), worker));
    }

    static String shortened(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…";
    }

    /** The newest first. */
    List<Entry> all() {
        List<Entry> newestFirst = new ArrayList<>();
        entries.descendingIterator().forEachRemaining(newestFirst::add);
        return newestFirst;
    }
}
