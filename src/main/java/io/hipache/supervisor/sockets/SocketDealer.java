package io.hipache.supervisor.sockets;

import io.hipache.supervisor.common.SupervisorThread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Knows which worker holds which listening socket, and has workers adopt and release sockets. The new worker adopts a
 * socket first. Only after that worker has confirmed the adoption do the others release the socket. So for a moment two
 * workers may accept from one socket, but there is always at least one. Confined to the {@link SupervisorThread}.
 */
public final class SocketDealer {

    /** A worker as this class needs it. */
    public interface Holder extends Assignment.Candidate {
        /** Asks the worker to accept from these sockets. Its answer arrives as {@link SocketDealer#adopted}. */
        void adopt(List<ListeningSocket> sockets);

        /** Asks the worker to stop accepting from these sockets. */
        void release(List<ListeningSocket> sockets);
    }

    /** The holders of each socket. The value says whether the holder has confirmed that it accepts. */
    private final Map<ListeningSocket, Map<Holder, Boolean>> holders = new LinkedHashMap<>();

    private Map<ListeningSocket, Holder> wanted = Map.of();

    /** Computes the {@link Assignment} for these sockets and workers, and asks for the next adoptions and releases. */
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

    /** Call this when a worker confirms that it accepts from these sockets, then call {@link #deal}. */
    public void adopted(Holder holder, Collection<Integer> ids) {
        holders.forEach((socket, present) -> {
            if (ids.contains(socket.id())) {
                present.replace(holder, true);
            }
        });
    }

    /** Call this when a worker is dead or no longer answers, then call {@link #deal}. */
    public void forget(Holder holder) {
        holders.values().forEach(present -> present.remove(holder));
        wanted = new HashMap<>(wanted);
        wanted.values().removeIf(other -> other == holder);
    }

    /** Whether the worker has handed over every socket that other workers should have. */
    public boolean isRelieved(Holder holder) {
        return holders.entrySet().stream()
                .noneMatch(held -> held.getValue().containsKey(holder) && wanted.containsKey(held.getKey()));
    }

    /** Whether the assigned worker accepts from every assigned socket. */
    public boolean allAccepted() {
        return wanted.entrySet().stream().allMatch(entry -> accepts(entry.getValue(), entry.getKey()));
    }

    /** The sockets without an assigned worker: no worker's configuration has their listener, or there is no worker. */
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
