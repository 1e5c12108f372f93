package io.hipache.net;

import java.net.InetAddress;
import java.util.List;

/** What a {@link BackendResolver} found. */
public sealed interface Resolution {

    /**
     * The addresses of a name, in the order to try them; never empty. Those of the family that the system prefers come
     * first, rotated from one look-up to the next, so that taking the first one spreads connections too.
     */
    record Found(List<InetAddress> addresses) implements Resolution {
        public Found {
            addresses = List.copyOf(addresses);
        }

        public InetAddress first() {
            return addresses.get(0);
        }
    }

    /** Too much else is being looked up here, which says nothing of the name; with a reason for the log. */
    record NotAsked(String reason) implements Resolution {}

    /** Nowhere to connect to, with a reason for the log. */
    record NotFound(String reason) implements Resolution {}
}
