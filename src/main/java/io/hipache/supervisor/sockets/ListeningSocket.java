package io.hipache.supervisor.sockets;

import io.hipache.config.HipacheConfig.Listener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names one listening socket. Several sockets share an address and port, one in each set. There are at least as many sets
 * as slots. The worker in slot 3 normally accepts from the sockets of set 3.
 *
 * @param id the number that supervisor and workers use for the socket
 * @param port the configured port, which may be 0
 */
public record ListeningSocket(int id, String address, int port, int set) {

    /** Written out, see "Records" in CONTRIBUTING.md. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ListeningSocket that
                && id == that.id
                && port == that.port
                && set == that.set
                && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return id;
    }

    boolean isOf(Listener listener) {
        return port == listener.port() && address.equals(listener.address());
    }

    /** The index of the socket's listener in {@code listeners}, or -1 when none of them is its listener. */
    public int indexIn(List<Listener> listeners) {
        for (int i = 0; i < listeners.size(); i++) {
            if (isOf(listeners.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
