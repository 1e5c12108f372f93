package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final Heartbeat heartbeat = new Heartbeat();

    @Test
    void isOverdueWithTheFifthUnansweredPing() {
        int first = heartbeat.next();
        ask(3);
        assertThat(heartbeat.isOverdue()).isFalse();

        ask(1);

        assertThat(heartbeat.isOverdue()).isTrue();
        heartbeat.answered(first);
        assertThat(heartbeat.isOverdue()).isFalse();
    }

    @Test
    void takesAnAnswerForAllBefore() {
        ask(4);

        heartbeat.answered(4);
        heartbeat.answered(1);
        ask(4);

        assertThat(heartbeat.isOverdue()).isFalse();
    }

    @Test
    void takesNoAnswerInAdvance() {
        heartbeat.answered(Integer.MAX_VALUE);

        ask(5);

        assertThat(heartbeat.isOverdue()).isTrue();
    }

    private void ask(int times) {
        for (int i = 0; i < times; i++) {
            heartbeat.next();
        }
    }
}
