package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import org.jspecify.annotations.Nullable;

/** The place of one worker, which outlives it. Confined to the {@link SupervisorThread}. */
final class Slot {
    private final int index;
    private int shortLives;

    /** Accepts connections. */
    private @Nullable SlotWorker current;
    /** Starts, to be the current one. */
    private @Nullable SlotWorker next;
    /** Stands for the delay before another start, null when there is none. */
    private @Nullable Object hold;
    /** What became of the one before, for the log. */
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

    /** Whether a worker is to be started now, since there is none. */
    boolean isVacant() {
        return current == null && next == null && hold == null;
    }

    /** Whether the replacement of a living worker is under way. */
    boolean isRenewing() {
        return current != null && (next != null || hold != null);
    }

    boolean needsRenewal(Generation newest) {
        return current != null && (current.generation() != newest || current.replacementReason() != null);
    }

    /** Whether its worker is of this generation and serves. */
    boolean isOf(Generation newest) {
        return current != null && current.generation() == newest;
    }

    void starts(SlotWorker worker) {
        next = worker;
        loss = null;
    }

    /**
     * Puts the worker that was {@link #next} into its place.
     *
     * @return the one before
     */
    @Nullable
    SlotWorker install(SlotWorker worker) {
        SlotWorker before = current;
        current = worker;
        next = null;
        return before;
    }

    /** Puts back a worker whose replacement failed it. */
    void reinstall(SlotWorker worker) {
        current = worker;
    }

    /** Has nothing to do with this worker any more. */
    void remove(SlotWorker worker) {
        current = current == worker ? null : current;
        next = next == worker ? null : next;
    }

    /** Forgets what went wrong so far: something else is tried. */
    void startAfresh() {
        shortLives = 0;
        hold = null;
    }

    int shortLives() {
        return shortLives;
    }

    void shortLives(int inARow) {
        shortLives = inARow;
    }

    @Nullable
    String loss() {
        return loss;
    }

    void recordLoss(String what) {
        loss = what;
    }

    /** Holds the next start back until {@link #endHold} is called with the result. */
    Object holdBack() {
        Object begun = new Object();
        hold = begun;
        return begun;
    }

    void endHold(Object begun) {
        hold = hold == begun ? null : hold;
    }
}
