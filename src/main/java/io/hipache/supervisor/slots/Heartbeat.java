package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;

/**
 * Whether one worker's event loop still turns. Judged by how many pings it owes an answer, not by the time: when the
 * supervisor itself stood still, or the whole machine slept, nobody was asked meanwhile. Confined to the
 * {@link SupervisorThread}.
 */
final class Heartbeat {
    /** With so many pings a hanging worker is noticed after 9 s at the latest. */
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
