package io.hipache.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The keys that encrypt and decrypt clients' session tickets, the same in all workers, and the contexts that use them.
 * Any thread may call it.
 */
final class SessionTickets {
    /** How long a client can resume its session. */
    static final Duration LIFETIME = Duration.ofHours(24);

    private final Set<ClientTls> users = Collections.newSetFromMap(new WeakHashMap<>());
    private List<TicketKey> keys = List.of();
    private long resumptionsBefore;

    synchronized void add(ClientTls user) {
        users.add(user);
        if (!keys.isEmpty()) {
            user.useTicketKeys(keys);
        }
    }

    /** Must be called before the user's context is freed. */
    synchronized void remove(ClientTls user) {
        if (users.remove(user)) {
            resumptionsBefore += user.resumptions();
        }
    }

    /** How many handshakes have resumed a session. Those of contexts that the garbage collector has freed are not counted. */
    synchronized long resumptions() {
        return resumptionsBefore
                + users.stream().mapToLong(ClientTls::resumptions).sum();
    }

    /** All contexts that exist. */
    synchronized List<ClientTls> users() {
        return List.copyOf(users);
    }

    /**
     * Uses these keys from now on, in the contexts that exist and in later ones.
     *
     * @param bytes the keys one after another, {@link OpenSslSessionTicketKey#TICKET_KEY_SIZE} bytes each; the first
     *     one encrypts tickets, all of them decrypt
     */
    synchronized void use(ByteBuffer bytes) {
        List<TicketKey> read = new ArrayList<>();
        ByteBuffer rest = bytes.duplicate();
        while (rest.remaining() >= OpenSslSessionTicketKey.TICKET_KEY_SIZE) {
            read.add(TicketKey.read(rest));
        }
        keys = List.copyOf(read);
        users.forEach(user -> user.useTicketKeys(keys));
    }
}
