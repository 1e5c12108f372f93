package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.ExchangeEnds;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HipacheFormatTest {
    private static final long SIXTEENTH_OF_FEBRUARY = 1_392_511_390_000L;

    private final LineFormat format = new HipacheFormat(Shown.EVERYTHING);
    private final LineBuffer buffer = new LineBuffer();

    @Test
    void writesTheLineThatHipacheWrites() {
        var entry = ExchangeEnds.answered(
                "::ffff:127.0.0.1",
                SIXTEENTH_OF_FEBRUARY,
                "GET / HTTP/1.1",
                200,
                3236,
                "",
                "curl/7.30.0",
                "mywebsite",
                11_999_999,
                9_000_000);

        format.append(entry, buffer);

        assertThat(text())
                .isEqualTo("::ffff:127.0.0.1 - - [16/Feb/2014:00:43:10 +0000] \"GET / HTTP/1.1\" 200 3236 \"\""
                        + " \"curl/7.30.0\" \"mywebsite\" 0.011 0.009\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain text ~!        | plain text ~!",
                "say \"hi\"           | say \\x22hi\\x22",
                "back\\slash          | back\\x5Cslash",
                "`two\r\nlines`       | two\\x0D\\x0Alines",
                "`\u0000\u001f\u007f` | \\x00\\x1F\\x7F",
                "\u0080\u00e9\u00ff   | \\x80\\xE9\\xFF",
            })
    void escapesAsNginxDoes(String userAgent, String logged) {
        var entry = entry("1.2.3.4", SIXTEENTH_OF_FEBRUARY, userAgent, 0);

        format.append(entry, buffer);

        assertThat(text()).contains("\"\" \"" + logged + "\" \"vhost\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "site         | site",
                "\u00e9        | \\xC3\\xA9",
                "\u20ac5       | \\xE2\\x82\\xAC5",
                "\ud83d\ude00. | \\xF0\\x9F\\x98\\x80.",
            })
    void writesTheVirtualHostInTheBytesOfTheStore(String virtualHost, String logged) {
        var entry = ExchangeEnds.answered("1.2.3.4", 0, "GET / HTTP/1.1", 200, 0, "", "agent", virtualHost, 0, 0);

        format.append(entry, buffer);

        assertThat(text()).contains("\"agent\" \"" + logged + "\" 0.000");
    }

    @Test
    void aSpaceInTheAddressDoesNotShiftTheFields() {
        var entry = entry("1.2.3.4 [x]", SIXTEENTH_OF_FEBRUARY, "", 0);

        format.append(entry, buffer);

        assertThat(text()).startsWith("1.2.3.4\\x20[x] - - [");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 01/Jan/1970:00:00:00",
        "999, 01/Jan/1970:00:00:00",
        "-1, 31/Dec/1969:23:59:59",
        "951782399999, 28/Feb/2000:23:59:59",
        "951782400000, 29/Feb/2000:00:00:00",
        "1795348800000, 22/Nov/2026:12:00:00",
        "253402300799000, 31/Dec/9999:23:59:59",
    })
    void writesTheStartInUtc(long startMillis, String time) {
        format.append(entry("a", startMillis, "", 0), buffer);

        assertThat(text()).startsWith("a - - [" + time + " +0000] \"");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.000",
        "999999, 0.000",
        "1000000, 0.001",
        "10000000, 0.010",
        "100000000, 0.100",
        "999999999, 0.999",
        "1000000000, 1.000",
        "3600123456789, 3600.123",
        "-5, 0.000",
    })
    void writesSecondsWithThreeDecimals(long nanos, String seconds) {
        format.append(entry("a", 0, "", nanos), buffer);

        assertThat(text()).endsWith("\"vhost\" " + seconds + " 0.000\n");
    }

    @Test
    void tellsTwoSecondsApart() {
        format.append(entry("a", 0, "", 0), buffer);
        format.append(entry("b", 1000, "", 0), buffer);
        format.append(entry("c", 0, "", 0), buffer);

        assertThat(text().lines().map(line -> line.substring(0, line.indexOf(']'))))
                .containsExactly(
                        "a - - [01/Jan/1970:00:00:00 +0000",
                        "b - - [01/Jan/1970:00:00:01 +0000",
                        "c - - [01/Jan/1970:00:00:00 +0000");
    }

    @Test
    void takesAFieldLargerThanTheBufferWithEveryCharacterEscaped() {
        var entry = entry("a", 0, "\u00e9".repeat(100_000) + "\"".repeat(100_000), 0);

        format.append(entry, buffer);

        assertThat(text()).contains("\"" + "\\xE9".repeat(100_000) + "\\x22".repeat(100_000) + "\" \"vhost\"");
    }

    @Test
    void forgetsItsLinesButNotItsArrayWhenCleared() {
        format.append(entry("a", 0, "", 0), buffer);
        byte[] array = buffer.array();

        buffer.clear();

        assertThat(buffer.isEmpty()).isTrue();
        assertThat(buffer.array()).isSameAs(array);
    }

    @Test
    void givesBackTheMemoryOfABurstWhenCleared() {
        format.append(entry("a", 0, "x".repeat(2 << 20), 0), buffer);

        buffer.clear();

        assertThat(buffer.array().length).isLessThan(64 << 10);
    }

    private static ExchangeEnd entry(String address, long startMillis, String userAgent, long totalNanos) {
        return ExchangeEnds.answered(
                address, startMillis, "GET / HTTP/1.1", 200, 0, "", userAgent, "vhost", totalNanos, 0);
    }

    private String text() {
        return new String(buffer.array(), 0, buffer.length(), StandardCharsets.US_ASCII);
    }
}
