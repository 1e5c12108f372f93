package io.hipache.supervisor.sockets;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides which worker should accept from which listening socket. Pure policy: a socket goes to the worker of its own
 * slot. If there is none, the socket goes to the worker with the fewest sockets.
 */
public final class Assignment {

    /** A worker that may accept connections. */
    public interface Candidate {
        int slot();

        /** Whether the worker's configuration has the listener of this socket. */
        boolean knows(ListeningSocket socket);
    }

    private Assignment() {}

    /**
     * Assigns a worker to every socket that at least one candidate knows.
     *
     * @param candidates at most one for each slot
     * @param before the present assignment, so that as few sockets as possible move; workers that are no longer candidates
     *     are ignored
     */
    static <C extends Candidate> Map<ListeningSocket, C> of(
            Collection<ListeningSocket> sockets, Collection<C> candidates, Map<ListeningSocket, C> before) {
        Map<ListeningSocket, C> assigned = new LinkedHashMap<>();
        Map<C, Integer> counts = new HashMap<>();
        for (ListeningSocket socket : sockets) {
            candidates.stream()
                    .filter(candidate -> candidate.slot() == socket.set() && candidate.knows(socket))
                    .findFirst()
                    .ifPresent(home -> give(socket, home, assigned, counts));
        }
        for (ListeningSocket socket : sockets) {
            if (!assigned.containsKey(socket)) {
                candidates.stream()
                        .filter(candidate -> candidate.knows(socket))
                        .min(Comparator.<C>comparingInt(candidate -> counts.getOrDefault(candidate, 0))
                                .thenComparing(candidate -> candidate != before.get(socket))
                                .thenComparing(Candidate::slot))
                        .ifPresent(host -> give(socket, host, assigned, counts));
            }
        }
        return assigned;
    }

    private static <C> void give(
            ListeningSocket socket, C candidate, Map<ListeningSocket, C> assigned, Map<C, Integer> counts) {
        assigned.put(socket, candidate);
        counts.merge(candidate, 1, Integer::sum);
    }
}
