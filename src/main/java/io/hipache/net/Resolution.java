package io.hipache.net;

import java.net.InetAddress;
import java.util.List;

/** The result of a {@link BackendResolver}. Immutable. */
public sealed interface Resolution {

    /**
     * The addresses of a name, in the order in which to try them; never empty. The system's preferred family comes
     * first. The addresses rotate from one look-up to the next, so that a caller that always takes the first one still
     * spreads its connections.
     */
    record Found(List<InetAddress> addresses) implements Resolution {
        public Found {
            addresses = List.copyOf(addresses);
        }

        /** The address to try first. */
        public InetAddress first() {
            return addresses.get(0);
        }
    }

    /**
     * The name was not looked up, because too many other names are being looked up.
     *
     * @param reason for the log, with the name
     */
    record NotAsked(String reason) implements Resolution {}

    /**
     * The name has no address, or the look-up failed or took too long.
     *
     * @param reason for the log, with the name
     */
    record NotFound(String reason) implements Resolution {}
}
