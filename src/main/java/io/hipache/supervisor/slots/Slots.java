package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All slots, by index. There are as many as configured workers, or more for a while after a reload. Confined to the
 * {@link SupervisorThread}.
 */
final class Slots {
    private final List<Slot> slots = new ArrayList<>();

    /** The first {@code count} slots. Adds the missing ones. */
    List<Slot> first(int count) {
        while (slots.size() < count) {
            slots.add(new Slot(slots.size()));
        }
        return List.copyOf(slots.subList(0, count));
    }

    /** Removes all slots behind the first {@code count}, and returns their current workers. */
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

    /** The slot that has this worker as its current or next one; null when there is none. */
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

    /** Whether a worker that serves can use its store. */
    boolean isStoreUsable() {
        return serving().stream().anyMatch(SlotWorker::isStoreUsable);
    }

    /**
     * Forgets earlier losses, because the next workers have another configuration. Kills workers that are starting with an
     * older one, unless they can catch up.
     */
    void startAfresh(Generation newest) {
        boolean served = !serving().isEmpty();
        for (Slot slot : slots) {
            slot.startAfresh();
            SlotWorker next = slot.next();
            if (next != null
                    && next.generation() != newest
                    && !(served && next.keysThatNeedAnotherProcess(newest).isEmpty())) {
                abandon(next);
            }
        }
    }

    /** Ends a worker that is starting, or that is not let in. */
    void abandon(SlotWorker next) {
        Slot slot = of(next);
        if (slot != null) {
            slot.remove(next);
        }
        next.markGone();
        next.process().kill();
    }
}
