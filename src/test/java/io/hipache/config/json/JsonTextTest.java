package io.hipache.config.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    private static final String ALL_KINDS =
            """
            {"text": "a \\"b\\" \\u00e4 \\ud83d\\ude00 \\n", "none": null, "yes": true, "no": false,
             "numbers": [0, -1, 2147483648, 92233720368547758070, 1.5, 1.50, 3E+1, 0.001],
             "nested": {"a": {"b": [[], {}, [1, [2]]]}}, "": 1}
            """;

    private final ObjectMapper jackson = new ObjectMapper();

    @Test
    void readsWhatJacksonReads() throws Exception {
        JsonNode value = JsonText.read(ALL_KINDS);

        assertThat(jackson.readTree(JsonText.line(value))).isEqualTo(jackson.readTree(ALL_KINDS));
        assertThat(value.at("/numbers/2").isLong()).isTrue();
        assertThat(value.at("/numbers/3").isBigInteger()).isTrue();
        assertThat(value.at("/numbers/5").decimalValue()).isEqualTo(new BigDecimal("1.50"));
    }

    @Test
    void writesWhatJacksonWrites() throws Exception {
        JsonNode value = jackson.readTree(ALL_KINDS);

        assertThat(JsonText.line(value)).isEqualTo(value.toString());
        assertThat(JsonText.pretty(value)).isEqualTo(value.toPrettyString());
        assertThat(JsonText.read(JsonText.pretty(value))).isEqualTo(JsonText.read(JsonText.line(value)));
    }

    @Test
    void allowsCommentsTrailingCommasAndAByteOrderMark() throws Exception {
        JsonNode value = JsonText.read("\uFEFF{\"a\": [1, /* two */ 2,], // three\n}");

        assertThat(value.toString()).isEqualTo("{\"a\":[1,2]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "// nothing",
                "[]",
                "1",
                "{",
                "{\"a\": 1",
                "{\"a\"}",
                "{\"a\": 1} x",
                "{} {}",
                "{\"a\": 1, \"a\": 2}",
                "{\"a\": NaN}",
                "{'a': 1}",
                "{\"a\": 01}",
                "{\"a\": [1, 2}",
                "nonsense"
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> JsonText.read(text)).isInstanceOf(BadJson.class);
    }

    @Test
    void refusesWhatIsNestedTooDeep() {
        String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> JsonText.read(deep))
                .isInstanceOf(BadJson.class)
                .hasMessageContaining("depth");
    }
}
