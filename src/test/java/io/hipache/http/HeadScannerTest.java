package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadScannerTest {
    private static final int LIMIT = 20;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\n\r\n",
                "a\n\n",
                "a\r\n\n",
                "a\n\r\n",
                "a\nb\nc\r\n\r\n",
                "a\r\n\rb\n\n",
                "a\r\r\n\r\r\n\r\n",
                "a\r\n b\r\n\r\n"
            })
    void cutsAtTheFirstEmptyLine(String head) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(head + "rest\n\n"))) {
            assertThat(scan(pieces, HeadScanner::take)).isEqualTo(head + "|rest\n\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a\n", "a\r\n\r", "a\r\rb\n", "a\n\r\r\n", "a\nb\nc\n"})
    void waitsForAnEmptyLine(String bytes) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(bytes))) {
            assertThat(scan(pieces, HeadScanner::take)).isEqualTo("|" + bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n", "a\r\n\r\n", "a\r\nb\r\n\r\n"})
    void cutsTrailersThatMayBeAnEmptyLineAlone(String trailers) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(trailers + "\r\nrest"))) {
            assertThat(scan(pieces, HeadScanner::takeTrailers)).isEqualTo(trailers + "|\r\nrest");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "a", "a\r\n", "\ra\n"})
    void waitsForTheEndOfTrailers(String bytes) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(bytes))) {
            assertThat(scan(pieces, HeadScanner::takeTrailers)).isEqualTo("|" + bytes);
        }
    }

    @Test
    void cutsOneHeadAfterTheOther() {
        HeadScanner scanner = new HeadScanner(LIMIT);
        ByteBuf in = Unpooled.copiedBuffer("long first\n\nb\n\nc\n\n", StandardCharsets.ISO_8859_1);

        assertThat(scanner.take(in)).asString().isEqualTo("long first\n\n");
        assertThat(scanner.take(in)).asString().isEqualTo("b\n\n");
        assertThat(scanner.take(in)).asString().isEqualTo("c\n\n");
        assertThat(scanner.take(in)).isNull();
    }

    @Test
    void takesAHeadOfTheLimit() {
        String head = "x".repeat(LIMIT - 2) + "\n\n";

        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(head + "yy"))) {
            assertThat(scan(pieces, HeadScanner::take)).isEqualTo(head + "|yy");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xxxxxxxxxxxxxxxxxxx\n\n", "xxxxxxxxxxxxxxxxxxxxx", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl"})
    void refusesAHeadAboveTheLimit(String bytes) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(bytes))) {
            assertThatExceptionOfType(MalformedMessage.class)
                    .isThrownBy(() -> scan(pieces, HeadScanner::take))
                    .matches(refusal -> refusal.status() == 431);
        }
    }

    /** What was taken, a bar, and what is left. */
    private static String scan(List<byte[]> pieces, BiFunction<HeadScanner, ByteBuf, byte[]> take) {
        HeadScanner scanner = new HeadScanner(LIMIT);
        ByteBuf in = Unpooled.buffer();
        byte[] head = null;
        for (byte[] piece : pieces) {
            in.writeBytes(piece);
            if (head == null) {
                head = take.apply(scanner, in);
            }
        }
        String taken = head == null ? "" : new String(head, StandardCharsets.ISO_8859_1);
        return taken + "|" + in.toString(StandardCharsets.ISO_8859_1);
    }
}
