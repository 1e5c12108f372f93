package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.Heads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthRuleTest {

    @ParameterizedTest
    @CsvSource({
        "200, false",
        "404, false",
        "499, false",
        "501, false",
        "502, true",
        "503, true",
        "504, true",
        "505, false",
        "506, true",
        "508, false",
        "599, true",
        "600, false"
    })
    void takesServerErrorsForDeath(int status, boolean dead) {
        assertThat(new HealthRule(true, false).marksDead(Heads.response("HTTP/1.1 " + status + " x"), false))
                .isEqualTo(dead);
    }

    @ParameterizedTest
    @CsvSource({"true, true, true", "true, false, false", "false, true, false", "false, false, false"})
    void takes500ForDeathOnlyWhereItIsToldToAndACheckerLives(boolean told, boolean checker, boolean dead) {
        assertThat(new HealthRule(told, false).marksDead(Heads.response("HTTP/1.1 500 x"), checker))
                .isEqualTo(dead);
    }

    @ParameterizedTest
    @CsvSource({"501, true", "505, true", "500, false", "404, false"})
    void takesWhatSpeaksOfTheRequestForDeathWhereItIsToldTo(int status, boolean dead) {
        assertThat(new HealthRule(true, true).marksDead(Heads.response("HTTP/1.1 " + status + " x"), false))
                .isEqualTo(dead);
    }

    @Test
    void takesA503WithRetryAfterForMaintenance() {
        HealthRule rule = new HealthRule(true, false);

        assertThat(rule.marksDead(Heads.response("HTTP/1.1 503 x|retry-AFTER: 120"), true))
                .isFalse();
        assertThat(rule.marksDead(Heads.response("HTTP/1.1 502 x|Retry-After: 120"), true))
                .isTrue();
    }
}
