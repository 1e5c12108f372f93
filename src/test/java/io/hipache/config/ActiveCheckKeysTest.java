package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.problems;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig.ActiveCheck;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActiveCheckKeysTest {
    private static final Duration THREE = Duration.ofSeconds(3);

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'server': {'activeCheck': false}}", "{'server': {'activeCheck': null}}"})
    void isOffByDefault(String json) throws Exception {
        assertThat(config(json).server().activeCheck()).isNull();
    }

    @Test
    void trueMeansTheDefaults() throws Exception {
        ActiveCheck usual = new ActiveCheck(THREE, THREE, 1, 1, "/CloudHealthCheck");

        assertThat(config("{'server': {'activeCheck': true}}").server().activeCheck())
                .isEqualTo(usual);
        assertThat(config("{'server': {'activeCheck': {}}}").server().activeCheck())
                .isEqualTo(usual);
    }

    @Test
    void anObjectSaysWhatDiffers() throws Exception {
        assertThat(config("{'server': {'activeCheck': {'interval': 0.5, 'fall': 2, 'path': '/ok?x'}}}")
                        .server()
                        .activeCheck())
                .isEqualTo(new ActiveCheck(Duration.ofMillis(500), THREE, 1, 2, "/ok?x"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'yes'          | server.activeCheck: expected true, false or an object, got \"yes\"",
                "3              | server.activeCheck: expected true, false or an object, got 3",
                "{'rise': 0}    | server.activeCheck.rise: expected a whole number of at least 1, got 0",
                "{'interval': 0}| server.activeCheck.interval: expected a number of seconds of at least 0.05, got 0",
                "{'path': 'ok'} | server.activeCheck.path: expected a path that begins with / and has no space",
                "{'path': '/a b'} | server.activeCheck.path: expected a path that begins with / and has no space"
            })
    void saysWhatIsWrong(String value, String problem) {
        assertThat(problems("{'server': {'activeCheck': " + value + "}}")).containsExactly(problem);
    }
}
