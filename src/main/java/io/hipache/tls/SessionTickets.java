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
 * The keys by which clients' tickets are made and read, the same in all workers, and those who use them. May be called by
 * any thread.
 */
final class SessionTickets {
    /** How long a session can be resumed. */
    static final Duration LIFETIME = Duration.ofHours(24);

    private final Set<ClientTls> users = Collections.newSetFromMap(new WeakHashMap<>());
    private List<TicketKey> keys = List.of();

    synchronized void add(ClientTls user) {
        users.add(user);
        if (!keys.isEmpty()) {
            user.useTicketKeys(keys);
        }
    }

    /** To be called before its context is freed. */
    synchronized void remove(ClientTls user) {
        users.remove(user);
    }

    /**
     * Takes these keys from now on, for those who are there and those who come.
     *
     * @param bytes one key after the other, of {@link OpenSslSessionTicketKey#TICKET_KEY_SIZE} bytes each: the first
     *     encrypts, all of them decrypt
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
