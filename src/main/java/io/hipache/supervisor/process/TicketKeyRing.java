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
 * The keys that TLS session tickets are made with, the same for all workers, so that a client may resume on any of them.
 * They are random, live in memory only, and change, for whoever has one can read all that was resumed with it. Confined to
 * the {@link SupervisorThread}.
 */
public final class TicketKeyRing {
    /** How long a key encrypts; two lifetimes more it decrypts, the 24 hours that a ticket is good for. */
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
     * Goes on with those of another supervisor, so that its clients' tickets are good here too.
     *
     * @param message what {@link #message} holds there
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

    /** What a worker is told. */
    public WorkerMessage.TicketKeys message() {
        ByteBuffer all = ByteBuffer.allocate(keys.size() * KEY_BYTES);
        keys.forEach(all::put);
        return new WorkerMessage.TicketKeys(all.flip());
    }

    /** Has a new key made each {@code lifetime}, and all workers told. */
    public void rotateEvery(Duration lifetime, Scheduler scheduler, Consumer<WorkerMessage> workers) {
        scheduler.later(lifetime, () -> {
            rotate();
            workers.accept(message());
            rotateEvery(lifetime, scheduler, workers);
        });
    }
}
