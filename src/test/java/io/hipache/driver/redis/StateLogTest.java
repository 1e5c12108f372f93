package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class StateLogTest {

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void saysOnceThatItGoesWrongAndOnceThatItGoesWell() {
        StateLog state = state(Duration.ZERO);

        for (int i = 0; i < 3; i++) {
            state.trouble("Redis", "LOADING " + i);
        }
        for (int i = 0; i < 3; i++) {
            state.well("well again");
        }
        state.trouble("Redis", "LOADING again");

        assertThat(log.lines()).containsExactly("Redis: LOADING 0", "well again", "Redis: LOADING again");
    }

    @Test
    void saysNothingWhileAllIsWell() {
        state(Duration.ZERO).well("well again");

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void takesTroubleThatComesAndGoesForOne() {
        StateLog state = state(Duration.ofHours(1));

        for (int i = 0; i < 100; i++) {
            state.trouble("Redis", "NOPERM " + i);
            state.well("well again");
        }

        assertThat(log.lines()).containsExactly("Redis: NOPERM 0");
    }

    @Test
    void tellsKindsOfTroubleApartButNotWithoutEnd() {
        StateLog state = state(Duration.ZERO);

        for (int i = 0; i < 100; i++) {
            state.trouble("Redis", "E" + i + " text");
        }

        assertThat(log.lines()).hasSize(8).startsWith("Redis: E0 text", "Redis: E1 text");
    }

    private static StateLog state(Duration calm) {
        return new StateLog(LoggerFactory.getLogger(StateLogTest.class), calm);
    }
}
