package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.testing.RecordedLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyGuardTest {

    private static final String LONGEST = "x".repeat(ReplyGuard.MOST_BYTES);
    /** Every kind of reply. Strings hold what looks like replies. */
    private static final String REPLIES = "*3\r\n$3\r\nfoo\r\n$0\r\n\r\n$-1\r\n+OK\r\n-ERR no\r\n:42\r\n*0\r\n*-1\r\n"
            + "$13\r\n$99999999999\r\n$6\r\n\r\n\r\n\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel(new ReplyGuard());

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1_000_000})
    void passesOnWhatIsShortInPiecesOfAnySize(int piece) {
        receive(REPLIES, piece);

        assertThat(passed()).isEqualTo(REPLIES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1_024, 1_000_000})
    void emptiesAStringThatIsTooLong(int piece) {
        receive(":1\r\n*3\r\n" + bulk("a") + bulk(LONGEST + "y") + bulk("b") + REPLIES, piece);

        assertThat(passed()).isEqualTo(":1\r\n*3\r\n" + bulk("a") + bulk("") + bulk("b") + REPLIES);
    }

    @Test
    void passesOnTheLongestString() {
        receive(bulk(LONGEST), 10_000);

        assertThat(passed()).isEqualTo(bulk(LONGEST));
    }

    @Test
    void endsTheConnectionBeforeAStringThatIsMuchTooLong() {
        try (RecordedLog log = RecordedLog.of("io.hipache.driver.redis")) {
            receiveTooMuch(":1\r\n$314572800\r\nxxx", 1_000);

            assertThat(log.lines()).singleElement().asString().contains("a string of 314572800 bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"$99999999999999999999999\r\n", "$2147483648\r\n"})
    void endsTheConnectionBeforeAStringOfAnImpossibleLength(String line) {
        receiveTooMuch(line, 5);
    }

    @Test
    void endsTheConnectionWithinALineWithoutAnEnd() {
        receiveTooMuch("+" + "x".repeat(70_000), 1_000);

        assertThat(passed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 1_000_000})
    void endsTheConnectionBeforeTooManyChangedKeys(int piece) {
        String most = ">2\r\n" + bulk("invalidate") + "*100000\r\n" + bulk("a");
        try (RecordedLog log = RecordedLog.of("io.hipache.driver.redis")) {
            receive(most + ">2\r\n" + bulk("invalidate") + "*100001\r\n" + bulk("b"), piece);

            assertThat(channel.isOpen()).isFalse();
            assertThat(passed()).isEqualTo(most + ">2\r\n" + bulk("invalidate"));
            assertThat(log.lines()).singleElement().asString().contains("100001 changed keys");
        }
    }

    /** A flush has null in place of the keys, and a long list that is a reply is none of changed keys. */
    @Test
    void passesOnAFlushAndALongList() {
        String flush = ">2\r\n" + bulk("invalidate") + "_\r\n*100001\r\n" + bulk("a");
        receive(flush, 3);

        assertThat(passed()).isEqualTo(flush);
    }

    private static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    private void receive(String text, int piece) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < bytes.length && channel.isOpen(); at += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
        }
    }

    /** The command whose reply this is fails with the cause, so that it is not sent again. */
    private void receiveTooMuch(String text, int piece) {
        assertThatThrownBy(() -> receive(text, piece)).isInstanceOf(OversizedReplyException.class);
        assertThat(channel.isOpen()).isFalse();
    }

    private String passed() {
        StringBuilder passed = new StringBuilder();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            passed.append(next.toString(StandardCharsets.US_ASCII));
            next.release();
        }
        return passed.toString();
    }
}
