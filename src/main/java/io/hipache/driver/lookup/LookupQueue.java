package io.hipache.driver.lookup;

import io.hipache.routing.HostLookup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The look-ups without an answer: how many there are, what they keep in memory, and which of them wait to be sent because
 * there is no connection, or because the server is loading its data. Confined to the loop.
 */
final class LookupQueue {

    /** Look-ups without a reply, also those that timed out. With so many, further ones fail without asking Redis. */
    private static final int MAX_UNANSWERED = 10_000;

    /** What may wait for those replies, or for the connection: the names of the look-ups, and the heads of the requests. */
    private static final long MAX_WAITING_BYTES = 24 << 20;

    private final ArrayDeque<PendingLookup> waiting = new ArrayDeque<>();
    private int unanswered;
    private long bytes;

    /** Whether there is room for one more. Those that have waited longest make room when they are done. */
    boolean hasRoom() {
        if (isFull()) {
            dropWaited();
        }
        return !isFull();
    }

    private boolean isFull() {
        return unanswered >= MAX_UNANSWERED || bytes >= MAX_WAITING_BYTES;
    }

    boolean isEmpty() {
        return unanswered == 0;
    }

    void begun(PendingLookup lookup) {
        unanswered++;
        bytes += lookup.bytes();
    }

    /** There is no reply to wait for any more. */
    void ended(PendingLookup lookup) {
        unanswered -= lookup.count();
        bytes -= lookup.bytes();
    }

    /** Ends the look-up if it is done. */
    boolean dropDone(PendingLookup lookup) {
        if (lookup.done()) {
            ended(lookup);
            return true;
        }
        return false;
    }

    /** Makes room: those that have waited longest are done first. */
    void dropWaited() {
        for (PendingLookup head = waiting.peek(); head != null && dropDone(head); head = waiting.peek()) {
            waiting.remove();
        }
    }

    /** Ends those of the waiting that are done, wherever they are. */
    void dropAllDone() {
        waiting.removeIf(this::dropDone);
    }

    /** Has a look-up wait until it can be sent. */
    void await(PendingLookup lookup) {
        if (!dropDone(lookup)) {
            waiting.add(lookup);
        }
    }

    /** Those that wait and are wanted, the oldest first. They wait no more. Those that are done are dropped. */
    List<PendingLookup> takeWaiting(Predicate<HostLookup> wanted) {
        List<PendingLookup> taken = new ArrayList<>();
        waiting.removeIf(pending -> {
            if (dropDone(pending)) {
                return true;
            }
            boolean take = wanted.test(pending.lookup());
            if (take) {
                taken.add(pending);
            }
            return take;
        });
        return taken;
    }
}
