package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartPolicyTest {
    private final RestartPolicy policy =
            new RestartPolicy(Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofSeconds(1));

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 100", "3, 200", "4, 400", "5, 800", "6, 1000", "7, 1000", "2147483647, 1000"})
    void waitsLongerTheMoreWorkersDiedYoung(int shortLives, long millis) {
        assertThat(policy.delay(shortLives)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void countsShortLivesInARow() {
        assertThat(policy.shortLives(0, Duration.ofMillis(9_999))).isEqualTo(1);
        assertThat(policy.shortLives(4, Duration.ZERO)).isEqualTo(5);
    }

    @Test
    void forgetsThemAfterALongLife() {
        assertThat(policy.shortLives(4, Duration.ofSeconds(10))).isZero();
    }
}
