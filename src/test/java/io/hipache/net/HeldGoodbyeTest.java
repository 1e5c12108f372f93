package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeldGoodbyeTest {
    private static final String FINISHED = record(23, 4 + 32 + 17);
    private static final String REQUEST = record(23, 70);
    private static final String ALERT = record(21, 26);
    private static final String HIDDEN_ALERT = record(23, 19);

    private final HeldGoodbye goodbye = new HeldGoodbye();
    private final EmbeddedChannel channel = new EmbeddedChannel(goodbye);
    private boolean due;

    @BeforeEach
    void shakeHands() {
        read(FINISHED);
        goodbye.whileDue(() -> due, "TLSv1.3", "TLS_AES_128_GCM_SHA256");
        passed();
    }

    @AfterEach
    void closeTheChannel() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsAnAlertBehindARequestHoweverTheyAreCut(boolean hidden) {
        String last = hidden ? HIDDEN_ALERT : ALERT;
        String all = REQUEST + last;
        due = true;
        for (int cut = 1; cut < all.length() / 2; cut++) {
            read(all.substring(0, 2 * cut));
            read(all.substring(2 * cut));
            String before = passed();

            assertThat(before).startsWith(REQUEST).isNotEqualTo(all);
            assertThat(goodbye.isHolding()).isTrue();

            goodbye.release();
            assertThat(before + passed()).isEqualTo(all);
            assertThat(goodbye.isHolding()).isFalse();
        }
    }

    @Test
    void setsFreeInOrderWhatIsFollowedByMore() {
        due = true;
        read(REQUEST + HIDDEN_ALERT);
        read(REQUEST);

        assertThat(passed()).isEqualTo(REQUEST + HIDDEN_ALERT + REQUEST);
        assertThat(goodbye.isHolding()).isFalse();
    }

    @Test
    void keepsNothingInTheMiddleOfARead() {
        due = true;
        read(HIDDEN_ALERT + REQUEST);

        assertThat(passed()).isEqualTo(HIDDEN_ALERT + REQUEST);
    }

    @Test
    void keepsNothingWhileNoAnswerIsDue() {
        read(REQUEST + ALERT);

        assertThat(passed()).isEqualTo(REQUEST + ALERT);
    }

    @Test
    void asksOnlyWhenTheRequestHasBeenPassedOn() {
        goodbye.whileDue(() -> channel.inboundMessages().size() == 1, "TLSv1.3", "TLS_AES_128_GCM_SHA256");
        read(REQUEST + ALERT);

        assertThat(passed()).isEqualTo(REQUEST);
    }

    /** As Java's clients do it. */
    @Test
    void knowsTheAlertOfAClientThatPadsItsRecords() {
        HeldGoodbye padded = new HeldGoodbye();
        EmbeddedChannel other = new EmbeddedChannel(padded);
        other.writeInbound(bytes(record(23, 4 + 48 + 17 + 16)));
        padded.whileDue(() -> true, "TLSv1.3", "TLS_AES_256_GCM_SHA384");

        other.writeInbound(bytes(record(23, 19)));
        assertThat(padded.isHolding()).isFalse();
        other.writeInbound(bytes(record(23, 35)));
        assertThat(padded.isHolding()).isTrue();

        other.finishAndReleaseAll();
    }

    @Test
    void keepsNoDataOfTls12() {
        due = true;
        goodbye.whileDue(() -> true, "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        read(HIDDEN_ALERT);

        assertThat(goodbye.isHolding()).isFalse();
    }

    @Test
    void keepsNoMoreMemoryThanItNeeds() {
        due = true;
        ByteBuf bytes = Unpooled.buffer(1 << 16).writeBytes(ByteBufUtil.decodeHexDump(REQUEST + ALERT));
        channel.writeInbound(bytes);
        passed();

        assertThat(bytes.refCnt()).isZero();
    }

    private void read(String hex) {
        channel.writeInbound(bytes(hex));
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    private String passed() {
        StringBuilder hex = new StringBuilder();
        for (ByteBuf bytes = channel.readInbound(); bytes != null; bytes = channel.readInbound()) {
            hex.append(ByteBufUtil.hexDump(bytes));
            bytes.release();
        }
        return hex.toString();
    }

    private static String record(int type, int length) {
        return ByteBufUtil.hexDump(new byte[] {(byte) type, 3, 3, 0, (byte) length}) + "00".repeat(length);
    }
}
