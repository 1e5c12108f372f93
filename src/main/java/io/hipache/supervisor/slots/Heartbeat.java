package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;

/**
 * Decides whether a worker's event loop still runs. A worker is overdue after a number of unanswered pings, not after a
 * time: while the supervisor itself was stopped, or the machine was asleep, it sent no pings. Confined to the
 * {@link SupervisorThread}.
 */
final class Heartbeat {
    /** The time between two pings. With {@link #MOST_UNANSWERED} pings, a hung worker is noticed within 9 s. */
    static final Duration INTERVAL = Duration.ofMillis(1500);

    private static final int MOST_UNANSWERED = 5;

    private int sent;
    private int answered;

    /** The number of the next ping. */
    int next() {
        return ++sent;
    }

    void answered(int number) {
        answered = Math.max(answered, Math.min(number, sent));
    }

    boolean isOverdue() {
        return sent - answered >= MOST_UNANSWERED;
    }
}
