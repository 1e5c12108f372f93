package io.hipache.supervisor.sockets;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which worker is to accept from which listening socket. Pure policy: every socket is for the worker that is at home with
 * it, else for the one that has the fewest.
 */
public final class Assignment {

    /** A worker that may accept connections. */
    public interface Candidate {
        int slot();

        /** Whether its configuration has the listener of this socket. */
        boolean knows(ListeningSocket socket);
    }

    private Assignment() {}

    /**
     * Assigns every socket that anybody knows.
     *
     * @param candidates one for each slot at most
     * @param before who has it now, for moving as few as possible; workers that are no candidates any more do not matter
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
