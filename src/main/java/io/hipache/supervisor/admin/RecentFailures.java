package io.hipache.supervisor.admin;

import io.hipache.figures.Failure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last failures of the hosts that failed last. Not for several threads at a time. */
final class RecentFailures {
    static final int MOST_HOSTS = 500;
    static final int MOST_OF_HOST = 20;

    private final Map<String, Deque<Failure>> hosts = new LinkedHashMap<>(16, 0.75f, true);

    void add(Failure failure) {
        Deque<Failure> ofHost = hosts.computeIfAbsent(failure.host(), unused -> new ArrayDeque<>());
        ofHost.add(failure);
        if (ofHost.size() > MOST_OF_HOST) {
            ofHost.removeFirst();
        }
        if (hosts.size() > MOST_HOSTS) {
            hosts.remove(hosts.keySet().iterator().next());
        }
    }

    /** The newest first. */
    List<Failure> of(String host) {
        // a look does not make the host one that failed just now
        Deque<Failure> ofHost = hosts.containsKey(host) ? hosts.get(host) : null;
        List<Failure> newestFirst = new ArrayList<>();
        if (ofHost != null) {
            ofHost.descendingIterator().forEachRemaining(newestFirst::add);
        }
        return newestFirst;
    }

    /** The hosts that failed, in the order in which they failed last. */
    List<String> hosts() {
        return List.copyOf(hosts.keySet());
    }
}
