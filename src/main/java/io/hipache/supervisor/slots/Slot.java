package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import org.jspecify.annotations.Nullable;

/** The place of one worker. A slot outlives its workers. Confined to the {@link SupervisorThread}. */
final class Slot {
    private final int index;
    private int shortLives;
    private int refusals;

    /** The worker that accepts connections. */
    private @Nullable SlotWorker current;
    /** The worker that starts, and will become the current one. */
    private @Nullable SlotWorker next;
    /** Identifies the delay before the next start, null when there is no delay. */
    private @Nullable Object hold;
    /** What happened to the previous worker, for the log. */
    private @Nullable String loss;

    Slot(int index) {
        this.index = index;
    }

    int index() {
        return index;
    }

    @Nullable
    SlotWorker current() {
        return current;
    }

    @Nullable
    SlotWorker next() {
        return next;
    }

    /** Whether the slot needs a worker now. */
    boolean isVacant() {
        return current == null && next == null && hold == null;
    }

    /** Whether the replacement of a living worker is under way. */
    boolean isRenewing() {
        return current != null && next != null;
    }

    /** Whether the next start is delayed. */
    boolean isHeldBack() {
        return hold != null;
    }

    /** Whether the current worker follows this configuration. */
    boolean isOf(Generation newest) {
        return current != null && current.generation() == newest;
    }

    void starts(SlotWorker worker) {
        next = worker;
        loss = null;
    }

    /**
     * Makes the worker that was {@link #next} the current one.
     *
     * @return the previous worker
     */
    @Nullable
    SlotWorker install(SlotWorker worker) {
        SlotWorker before = current;
        current = worker;
        next = null;
        refusals = 0;
        return before;
    }

    /** Puts a worker back whose replacement has died. */
    void reinstall(SlotWorker worker) {
        current = worker;
    }

    /** Removes a worker from the slot. */
    void remove(SlotWorker worker) {
        current = current == worker ? null : current;
        next = next == worker ? null : next;
    }

    /** Forgets earlier losses and any delay, because the next worker has another configuration. */
    void startAfresh() {
        shortLives = 0;
        refusals = 0;
        hold = null;
    }

    int shortLives() {
        return shortLives;
    }

    void shortLives(int inARow) {
        shortLives = inARow;
    }

    /** Counts one more replacement that was not let in, and returns their number in a row. */
    int refused() {
        return ++refusals;
    }

    @Nullable
    String loss() {
        return loss;
    }

    void recordLoss(String what) {
        loss = what;
    }

    /** Delays the next start until {@link #endHold} is called with the result. */
    Object holdBack() {
        Object begun = new Object();
        hold = begun;
        return begun;
    }

    void endHold(Object begun) {
        hold = hold == begun ? null : hold;
    }
}
