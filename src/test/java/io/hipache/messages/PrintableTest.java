package io.hipache.messages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

    @Test
    void leavesReadableTextAsItIs() {
        String text = "größer: C:\\x 例え 😀 \"quoted\" {}";

        assertThat(Printable.escape(text)).isEqualTo(text);
        assertThat(Printable.line(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 9, 0xa, 0xd, 0x1b, 0x7f, 0x80, 0x85, 0x90, 0x9b, 0x9c, 0x9d, 0x9f, 0xad})
    void escapesControls(int character) {
        String text = "a" + (char) character + "b";

        assertThat(Printable.escape(text)).isEqualTo(String.format("a\\x%02Xb", character));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xd800, 0xdfff, 0xe000,
                0xfeff, 0xffff, 0x10ffff, 0xe0001
            })
    void escapesWhatIsNotShownOrTurnsTheLineAround(int character) {
        String text = "a" + new StringBuilder().appendCodePoint(character) + "b";

        assertThat(Printable.escape(text)).isEqualTo(String.format("a\\u%04Xb", character));
    }

    @Test
    void escapesHalvesOfPairsBesideWholeOnes() {
        assertThat(Printable.escape("\udc00😀\ud800")).isEqualTo("\\uDC00😀\\uD800");
    }

    @Test
    void cutsALineAlsoWhenOnlyItsEscapesAreTooLong() {
        assertThat(Printable.line("x".repeat(100_000)))
                .hasSize(Printable.LONGEST_LINE + 1)
                .endsWith("x…");
        assertThat(Printable.line("\n".repeat(5_000)))
                .hasSize(Printable.LONGEST_LINE + 1)
                .endsWith("…");
    }

    @Test
    void cutsNoPairInTwo() {
        assertThat(Printable.shortened("ab😀", 3)).isEqualTo("ab…");
        assertThat(Printable.shortened("ab😀", 4)).isEqualTo("ab😀");
    }
}
