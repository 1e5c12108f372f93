package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives living workers' slots another process, one at a time, because each needs the memory of one more worker for a while.
 * Confined to the {@link SupervisorThread}.
 */
final class Replacements {
    private static final Logger log = LoggerFactory.getLogger(Replacements.class);

    private final Slots slots;
    private final LeavingWorkers leaving;
    private final Starter starter;
    private final Restarts restarts;

    Replacements(Slots slots, LeavingWorkers leaving, Starter starter, Restarts restarts) {
        this.slots = slots;
        this.leaving = leaving;
        this.starter = starter;
        this.restarts = restarts;
    }

    /** Whether a replacement is starting, has not yet taken over all sockets, or did so less than a second ago. */
    private boolean isUnderWay() {
        return slots.isAnyRenewing() || leaving.isAnyServing() || leaving.isAnySettling();
    }

    /**
     * Starts the next replacement that is due.
     *
     * @param rolling whether workers that cannot follow the configuration in full are replaced as well
     */
    void startNext(Generation newest, boolean rolling) {
        if (isUnderWay()) {
            return;
        }
        for (Slot slot : slots.first(newest.workers())) {
            SlotWorker current = slot.current();
            String why = current == null || slot.isHeldBack() ? null : reason(current, newest, rolling);
            if (why != null) {
                SlotWorker started = leaving.haveRoom(newest.workers()) ? starter.start(slot, newest) : null;
                if (started != null) {
                    log.info("{} is being replaced ({}), {} follows", current, why, started);
                }
                return;
            }
        }
    }

    private static @Nullable String reason(SlotWorker current, Generation newest, boolean rolling) {
        List<String> keys = rolling ? current.keysThatNeedAnotherProcess(newest) : List.of();
        return current.replacementReason() != null || keys.isEmpty()
                ? current.replacementReason()
                : "reload, " + String.join(", ", keys);
    }

    /** Starts one process with a configuration that no worker follows yet; null when it is not yet time for that. */
    @Nullable
    SlotWorker startTrial(Generation wanted, int most) {
        for (SlotWorker old : slots.serving()) {
            Slot slot = slots.of(old);
            if (slot != null && !old.keysThatNeedAnotherProcess(wanted).isEmpty()) {
                SlotWorker trial = isUnderWay() || !leaving.haveRoom(most) ? null : starter.start(slot, wanted);
                if (trial != null) {
                    log.info("{} is started with the new configuration, {} stays until it is ready", trial, old);
                }
                return trial;
            }
        }
        return null;
    }

    /**
     * Whether a worker that is ready may take its slot. One that cannot use its store replaces nobody who can. Where there is
     * nobody, it is better than nobody.
     *
     * @param rollout the reload under way, which fails with its new process
     */
    boolean letsIn(Slot slot, SlotWorker worker, @Nullable Rollout rollout) {
        SlotWorker old = slot.current();
        String why = worker + " cannot use its store (" + worker.storeProblem() + ")";
        if (worker.storeProblem().isEmpty()) {
            return true;
        }
        if (rollout != null && worker == rollout.trial() && slots.isStoreUsable()) {
            rollout.failed(why);
            return false;
        }
        if (old == null || old.isGone() || !old.isStoreUsable()) {
            return true;
        }
        String refusal = why + ", so it does not replace " + old + ", which can";
        if (rollout != null) {
            rollout.failed(refusal);
        }
        if (old.replacementReason() != null) {
            restarts.refused(slot, refusal);
        }
        return false;
    }
}
