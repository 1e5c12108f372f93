package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds a slot back that loses one worker after the other, and says so. Confined to the {@link SupervisorThread}. */
final class Restarts {
    private static final Logger log = LoggerFactory.getLogger(Restarts.class);

    /** So many short lives in a row are a case for the administrator. */
    private static final int ALARMING = 5;

    private final RestartPolicy policy;
    private final Scheduler scheduler;
    private final Runnable onTime;

    /** @param onTime run when a slot is not held back any more */
    Restarts(RestartPolicy policy, Scheduler scheduler, Runnable onTime) {
        this.policy = policy;
        this.scheduler = scheduler;
        this.onTime = onTime;
    }

    /**
     * Takes note of a loss, and decides when the next start may be.
     *
     * @param life zero for a worker that never was ready
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
        String after = "its replacement follows in " + delay.toMillis() + " ms";
        if (slot.shortLives() == ALARMING) {
            log.error("slot {} loses one worker after the other: {}, {}", slot.index(), loss, after);
        } else {
            log.warn("{}, {}", loss, after);
        }
        slot.recordLoss("its slot was empty");
        Object hold = slot.holdBack();
        scheduler.later(delay, () -> {
            slot.endHold(hold);
            onTime.run();
        });
    }
}
