package io.hipache.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FrameBudgetTest {
    private long now = 5;
    private final FrameBudget budget = new FrameBudget(() -> now);

    @Test
    void isSpentByWhatComesAtOnce() {
        spend(FrameBudget.FULL);

        assertThat(budget.spend(1)).isFalse();
    }

    @Test
    void lostStreamsAreDear() {
        for (int i = 0; i < FrameBudget.FULL / FrameBudget.LOST_STREAM; i++) {
            assertThat(budget.spend(FrameBudget.LOST_STREAM)).isTrue();
        }

        assertThat(budget.spend(FrameBudget.LOST_STREAM)).isFalse();
    }

    @Test
    void comesBackWithTime() {
        spend(FrameBudget.FULL);
        now += Duration.ofSeconds(2).toNanos();

        spend(2 * FrameBudget.PER_SECOND);

        assertThat(budget.spend(1)).isFalse();
    }

    @Test
    void comesBackWithWhatAClientGets() {
        spend(FrameBudget.FULL);
        budget.earn(3);

        spend(3);

        assertThat(budget.spend(1)).isFalse();
    }

    @Test
    void neverGrowsBeyondItsSize() {
        now += Duration.ofDays(400).toNanos();
        budget.earn(FrameBudget.FULL);

        spend(FrameBudget.FULL);

        assertThat(budget.spend(FrameBudget.FULL)).as("a year ago counts once").isTrue();
        assertThat(budget.spend(1)).isFalse();
    }

    private void spend(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(budget.spend(1)).as("frame " + i).isTrue();
        }
    }
}
