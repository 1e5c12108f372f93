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
        "501, true",
        "502, true",
        "503, true",
        "504, true",
        "599, true",
        "600, false"
    })
    void takesEveryServerErrorBut500ForDeath(int status, boolean dead) {
        assertThat(new HealthRule(true).marksDead(Heads.response("HTTP/1.1 " + status + " x"), false))
                .isEqualTo(dead);
    }

    @ParameterizedTest
    @CsvSource({"true, true, true", "true, false, false", "false, true, false", "false, false, false"})
    void takes500ForDeathOnlyWhereItIsToldToAndACheckerLives(boolean told, boolean checker, boolean dead) {
        assertThat(new HealthRule(told).marksDead(Heads.response("HTTP/1.1 500 x"), checker))
                .isEqualTo(dead);
    }

    @Test
    void takesA503WithRetryAfterForMaintenance() {
        HealthRule rule = new HealthRule(true);

        assertThat(rule.marksDead(Heads.response("HTTP/1.1 503 x|retry-AFTER: 120"), true))
                .isFalse();
        assertThat(rule.marksDead(Heads.response("HTTP/1.1 502 x|Retry-After: 120"), true))
                .isTrue();
    }
}
