package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All slots there are, by their index: as many as there should be workers, or more for a while. Confined to the
 * {@link SupervisorThread}.
 */
final class Slots {
    private final List<Slot> slots = new ArrayList<>();

    /** The first {@code count}, added as far as they are missing. */
    List<Slot> first(int count) {
        while (slots.size() < count) {
            slots.add(new Slot(slots.size()));
        }
        return List.copyOf(slots.subList(0, count));
    }

    /** Takes those behind the first {@code count} away, and returns the workers they had. */
    List<SlotWorker> cut(int count) {
        List<SlotWorker> workers = new ArrayList<>();
        while (slots.size() > count) {
            SlotWorker current = slots.remove(slots.size() - 1).current();
            if (current != null) {
                workers.add(current);
            }
        }
        return workers;
    }

    int size() {
        return slots.size();
    }

    /** The slot that a worker is in, or is to be in; null when it is neither. */
    @Nullable
    Slot of(SlotWorker worker) {
        if (worker.slot() >= slots.size()) {
            return null;
        }
        Slot slot = slots.get(worker.slot());
        return slot.current() == worker || slot.next() == worker ? slot : null;
    }

    /** The workers that accept connections. */
    List<SlotWorker> serving() {
        List<SlotWorker> serving = new ArrayList<>();
        for (Slot slot : slots) {
            SlotWorker current = slot.current();
            if (current != null && !current.isGone()) {
                serving.add(current);
            }
        }
        return serving;
    }

    boolean isAnyRenewing() {
        return slots.stream().anyMatch(Slot::isRenewing);
    }

    /** Forgets what went wrong, and ends workers that start with another configuration than the newest. */
    void startAfresh(Generation newest) {
        for (Slot slot : slots) {
            slot.startAfresh();
            SlotWorker next = slot.next();
            if (next != null && next.generation() != newest) {
                slot.remove(next);
                next.markGone();
                next.process().kill();
            }
        }
    }
}
