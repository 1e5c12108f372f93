package io.hipache.supervisor.process;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The keys of TLS session tickets. All workers have the same keys, so that a client may resume its session on any of them.
 * The keys are random, are kept in memory only, and are replaced regularly, because a stolen key decrypts every session that
 * was resumed with it. Confined to the {@link SupervisorThread}.
 */
public final class TicketKeyRing {
    /** How long a key encrypts new tickets. It decrypts for two more lifetimes: a ticket is valid for 24 hours. */
    public static final Duration LIFETIME = Duration.ofHours(12);

    private static final int KEPT = 3;
    private static final int KEY_BYTES = 48;

    private final SecureRandom random = new SecureRandom();
    /** Newest first. */
    private final Deque<byte[]> keys = new ArrayDeque<>();

    public TicketKeyRing() {
        rotate();
    }

    /**
     * Continues with the keys of another supervisor, so that the tickets of its clients stay valid.
     *
     * @param message the {@link #message} of the other supervisor
     */
    public TicketKeyRing(WorkerMessage.TicketKeys message) {
        ByteBuffer rest = message.keys().duplicate();
        while (rest.remaining() >= KEY_BYTES && keys.size() < KEPT) {
            byte[] key = new byte[KEY_BYTES];
            rest.get(key);
            keys.addLast(key);
        }
        if (keys.isEmpty()) {
            rotate();
        }
    }

    private void rotate() {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        keys.addFirst(key);
        if (keys.size() > KEPT) {
            keys.removeLast();
        }
    }

    /** The message that gives a worker these keys. */
    public WorkerMessage.TicketKeys message() {
        ByteBuffer all = ByteBuffer.allocate(keys.size() * KEY_BYTES);
        keys.forEach(all::put);
        return new WorkerMessage.TicketKeys(all.flip());
    }

    /**
     * Makes a new key after each {@code lifetime}.
     *
     * @param workers sends a message to all workers
     */
    public void rotateEvery(Duration lifetime, Scheduler scheduler, Consumer<WorkerMessage> workers) {
        scheduler.later(lifetime, () -> {
            rotate();
            workers.accept(message());
            rotateEvery(lifetime, scheduler, workers);
        });
    }
}
