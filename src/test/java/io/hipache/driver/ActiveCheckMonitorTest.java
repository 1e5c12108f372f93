package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActiveCheckMonitorTest {

    @ParameterizedTest
    @ValueSource(strings = {"1000", "970", "1010", " 1000\n"})
    void takesAPingOfTheLastThirtySecondsOrOfAClockAhead(String ping) {
        assertThat(ActiveCheckMonitor.isRecent(ping, 1000)).isTrue();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"969", "0", "", "now", "1000.5"})
    void takesNothingElse(@Nullable String ping) {
        assertThat(ActiveCheckMonitor.isRecent(ping, 1000)).isFalse();
    }
}
