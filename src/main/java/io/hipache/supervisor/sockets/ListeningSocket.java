package io.hipache.supervisor.sockets;

import io.hipache.config.HipacheConfig.Listener;
import java.util.List;

/**
 * Names one listening socket: of all that share an address and port, the one of a set. There are as many sets as slots, or
 * more; the worker in the slot of the same number is at home with it.
 *
 * @param id what supervisor and workers call it
 * @param port as it is configured
 */
public record ListeningSocket(int id, String address, int port, int set) {

    boolean isOf(Listener listener) {
        return port == listener.port() && address.equals(listener.address());
    }

    /** Its place in {@code listeners}, -1 when it is not of one of them. */
    public int indexIn(List<Listener> listeners) {
        for (int i = 0; i < listeners.size(); i++) {
            if (isOf(listeners.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
