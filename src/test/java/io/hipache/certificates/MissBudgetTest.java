package io.hipache.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MissBudgetTest {

    private long now;

    @Test
    void endsWithSoManyMissesInASecond() {
        MissBudget budget = new MissBudget(2, () -> now);

        budget.miss();
        assertThat(budget.allows()).isTrue();
        budget.miss();
        assertThat(budget.allows()).isFalse();

        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(budget.allows()).isTrue();
    }
}
