package io.hipache.supervisor.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTest {

    private record Candidate(int slot, int lastPort) implements Assignment.Candidate {
        @Override
        public boolean knows(ListeningSocket socket) {
            return socket.port() <= lastPort;
        }
    }

    @ParameterizedTest(name = "{0} sets, workers in slots {1}, before {2}: {3}")
    @CsvSource({
        // every slot has a worker
        "1, 0, -, 0",
        "3, 0 1 2, -, 0 1 2",
        "3, 0 1 2, 2 2 2, 0 1 2",
        // a slot is empty: its set goes to the worker with the fewest sets, and stays there
        "3, 0 1, -, 0 1 0",
        "3, 0 1, 0 1 1, 0 1 1",
        "3, 0 2, 0 1 2, 0 0 2",
        "4, 1 3, -, 1 1 3 3",
        "2, 1, 0 1, 1 1",
        // more sets than slots: no worker has two more than another
        "4, 0 1, 0 0 0 0, 0 1 0 1",
        "5, 0 1, -, 0 1 0 1 0",
        "6, 0 1 2, 0 1 2 0 0 0, 0 1 2 0 1 2",
        // there is no worker
        "2, -, 0 1, - -",
    })
    void assignsEverySetToTheWorkerAtHomeElseToTheOneWithTheFewest(
            int sets, String slots, String before, String expected) {
        List<Candidate> candidates = new ArrayList<>();
        numbers(slots).forEach(slot -> candidates.add(new Candidate(slot, 80)));
        List<ListeningSocket> sockets = sockets(80, sets);
        Map<ListeningSocket, Candidate> held = new HashMap<>();
        List<Integer> holders = numbers(before);
        for (int set = 0; set < holders.size(); set++) {
            held.put(sockets.get(set), new Candidate(holders.get(set), 80));
        }

        Map<ListeningSocket, Candidate> assigned = Assignment.of(sockets, candidates, same(held, candidates));

        List<String> slotOfSet = new ArrayList<>();
        sockets.forEach(socket -> slotOfSet.add(
                assigned.containsKey(socket)
                        ? String.valueOf(assigned.get(socket).slot())
                        : "-"));
        assertThat(String.join(" ", slotOfSet)).isEqualTo(expected);
    }

    @Test
    void givesASocketOnlyToWhoKnowsItsListener() {
        List<ListeningSocket> sockets = new ArrayList<>(sockets(80, 2));
        sockets.addAll(sockets(81, 2));
        Candidate old = new Candidate(0, 80);
        Candidate renewed = new Candidate(1, 81);

        Map<ListeningSocket, Candidate> assigned = Assignment.of(sockets, List.of(old, renewed), Map.of());

        Map<Integer, Integer> slots = new TreeMap<>();
        assigned.forEach((socket, candidate) -> slots.put(socket.id(), candidate.slot()));
        assertThat(slots).isEqualTo(Map.of(800, 0, 801, 1, 810, 1, 811, 1));
        assertThat(Assignment.of(sockets, List.of(old), Map.of())).hasSize(2);
    }

    private static Map<ListeningSocket, Candidate> same(
            Map<ListeningSocket, Candidate> held, List<Candidate> candidates) {
        held.replaceAll(
                (socket, holder) -> candidates.contains(holder) ? candidates.get(candidates.indexOf(holder)) : holder);
        return held;
    }

    private static List<ListeningSocket> sockets(int port, int sets) {
        List<ListeningSocket> sockets = new ArrayList<>();
        for (int set = 0; set < sets; set++) {
            sockets.add(new ListeningSocket(port * 10 + set, "127.0.0.1", port, set));
        }
        return sockets;
    }

    private static List<Integer> numbers(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            if (!word.equals("-")) {
                numbers.add(Integer.valueOf(word));
            }
        }
        return numbers;
    }
}
