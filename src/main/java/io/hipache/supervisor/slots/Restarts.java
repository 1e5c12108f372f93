package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delays the next start in a slot that keeps losing workers, and logs it. Confined to the {@link SupervisorThread}. */
final class Restarts {
    private static final Logger log = LoggerFactory.getLogger(Restarts.class);

    /** After so many short-lived workers in a row the log line becomes an error. */
    private static final int ALARMING = 5;

    private final RestartPolicy policy;
    private final Scheduler scheduler;
    private final Runnable onTime;

    /** @param onTime runs when the delay of a slot is over */
    Restarts(RestartPolicy policy, Scheduler scheduler, Runnable onTime) {
        this.policy = policy;
        this.scheduler = scheduler;
        this.onTime = onTime;
    }

    /**
     * Records the loss of a worker, and decides when the next one may start.
     *
     * @param loss what happened to the worker, for the log
     * @param life how long the worker has served; zero for a worker that was never ready
     */
    void lost(Slot slot, String loss, Duration life) {
        slot.shortLives(policy.shortLives(slot.shortLives(), life));
        Duration delay = policy.delay(slot.shortLives());
        if (slot.next() != null || delay.isZero()) {
            if (slot.isVacant()) {
                slot.recordLoss(loss);
            } else {
                log.warn("{}", loss);
            }
            return;
        }
        String after = "a replacement starts in " + delay.toMillis() + " ms";
        if (slot.shortLives() == ALARMING) {
            log.error("slot {} keeps losing its workers: {}, {}", slot.index(), loss, after);
        } else {
            log.warn("{}, {}", loss, after);
        }
        slot.recordLoss("the last worker of slot " + slot.index() + " died");
        holdBack(slot, delay);
    }

    /**
     * Delays the next attempt to replace the living worker of a slot.
     *
     * @param refusal why the last replacement was not let in, for the log
     */
    void refused(Slot slot, String refusal) {
        Duration delay = policy.delayAfterRefusals(slot.refused());
        log.error("{}; another attempt follows in {} s", refusal, delay.toSeconds());
        holdBack(slot, delay);
    }

    private void holdBack(Slot slot, Duration delay) {
        Object hold = slot.holdBack();
        scheduler.later(delay, () -> {
            slot.endHold(hold);
            onTime.run();
        });
    }
}
