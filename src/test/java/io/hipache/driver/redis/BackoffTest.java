package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void doublesUpToALimitGiveOrTakeHalf(long seed) {
        Backoff backoff = new Backoff(new Random(seed));

        for (long pause : List.of(25L, 50L, 100L, 100L, 100L)) {
            assertThat(backoff.nextMillis()).isBetween(pause / 2, pause + pause / 2 - 1);
        }
    }

    @Test
    void spreadsOutThoseThatBeginTogether() {
        LongStream pauses =
                IntStream.range(0, 1_000).mapToLong(seed -> new Backoff(new Random(seed * 7919L)).nextMillis());

        assertThat(pauses.distinct().count()).isGreaterThan(20);
    }

    @Test
    void beginsAgain() {
        Backoff backoff = new Backoff(new Random(1));
        IntStream.range(0, 10).forEach(attempt -> backoff.nextMillis());

        backoff.reset();

        assertThat(backoff.nextMillis()).isLessThan(38);
    }
}
