package io.hipache.supervisor.sockets;

import io.hipache.supervisor.common.SupervisorThread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Knows which worker holds which listening socket, and tells the workers what changes: first somebody adopts a socket,
 * and only when it has said so, the others release it. Two may accept from one socket meanwhile, but never none. Confined
 * to the {@link SupervisorThread}.
 */
public final class SocketDealer {

    /** A worker as this class needs it. */
    public interface Holder extends Assignment.Candidate {
        /** Is to accept from these; answered by {@link SocketDealer#adopted}. */
        void adopt(List<ListeningSocket> sockets);

        /** Is not to accept from these any more. */
        void release(List<ListeningSocket> sockets);
    }

    /** For each socket its holders, and whether each has said that it accepts. */
    private final Map<ListeningSocket, Map<Holder, Boolean>> holders = new LinkedHashMap<>();

    private Map<ListeningSocket, Holder> wanted = Map.of();

    /** Brings the world nearer to what {@link Assignment} says of these sockets and workers. */
    public void deal(Collection<ListeningSocket> sockets, Collection<? extends Holder> candidates) {
        holders.keySet().retainAll(sockets);
        sockets.forEach(socket -> holders.computeIfAbsent(socket, added -> new LinkedHashMap<>()));
        wanted = Assignment.of(sockets, List.<Holder>copyOf(candidates), wanted);
        Map<Holder, List<ListeningSocket>> adoptions = new LinkedHashMap<>();
        Map<Holder, List<ListeningSocket>> releases = new LinkedHashMap<>();
        wanted.forEach((socket, holder) -> {
            Map<Holder, Boolean> present = holdersOf(socket);
            if (!present.containsKey(holder)) {
                present.put(holder, false);
                note(holder, socket, adoptions);
            } else if (accepts(holder, socket)) {
                present.keySet().stream()
                        .filter(other -> other != holder)
                        .forEach(other -> note(other, socket, releases));
                present.keySet().removeIf(other -> other != holder);
            }
        });
        adoptions.forEach(Holder::adopt);
        releases.forEach(Holder::release);
    }

    /** To be called when a worker says so; {@link #deal} follows. */
    public void adopted(Holder holder, Collection<Integer> ids) {
        holders.forEach((socket, present) -> {
            if (ids.contains(socket.id())) {
                present.replace(holder, true);
            }
        });
    }

    /** To be called when a worker is of no use any more; {@link #deal} follows. */
    public void forget(Holder holder) {
        holders.values().forEach(present -> present.remove(holder));
        wanted = new HashMap<>(wanted);
        wanted.values().removeIf(other -> other == holder);
    }

    /** Whether everything that others are to have of this worker is theirs. */
    public boolean isRelieved(Holder holder) {
        return holders.entrySet().stream()
                .noneMatch(held -> held.getValue().containsKey(holder) && wanted.containsKey(held.getKey()));
    }

    /** Whether somebody accepts from every socket that anybody knows. */
    public boolean allAccepted() {
        return wanted.entrySet().stream().allMatch(entry -> accepts(entry.getValue(), entry.getKey()));
    }

    /** Those that no worker is to have: their listeners are in nobody's configuration, or there is no worker. */
    public List<ListeningSocket> unwanted() {
        List<ListeningSocket> unwanted = new ArrayList<>(holders.keySet());
        unwanted.removeAll(wanted.keySet());
        return unwanted;
    }

    private Map<Holder, Boolean> holdersOf(ListeningSocket socket) {
        return holders.getOrDefault(socket, Map.of());
    }

    private boolean accepts(Holder holder, ListeningSocket socket) {
        return holdersOf(socket).getOrDefault(holder, false);
    }

    private static void note(Holder holder, ListeningSocket socket, Map<Holder, List<ListeningSocket>> sockets) {
        sockets.computeIfAbsent(holder, added -> new ArrayList<>()).add(socket);
    }
}
