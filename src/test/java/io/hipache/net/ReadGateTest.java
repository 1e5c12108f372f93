package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReadGateTest {
    private final ReadCounter reads = new ReadCounter();
    private final EmbeddedChannel channel = new EmbeddedChannel(reads);
    private final ReadGate gate = new ReadGate(channel);

    @BeforeEach
    void forgetTheReadsOfTheStart() {
        reads.count = 0;
    }

    @AfterEach
    void closeTheChannel() {
        channel.finishAndReleaseAll();
    }

    @Test
    void isOpenAtFirst() {
        assertThat(gate.isOpen()).isTrue();
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void stopsReadingForOneReason() {
        gate.pause(ReadGate.Reason.INBOX);

        assertThat(gate.isOpen()).isFalse();
        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void staysShutUntilTheLastReasonIsGone() {
        gate.pause(ReadGate.Reason.INBOX);
        gate.pause(ReadGate.Reason.SINK_FULL);

        gate.resume(ReadGate.Reason.INBOX);

        assertThat(gate.isOpen()).isFalse();
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(reads.count).isZero();

        gate.resume(ReadGate.Reason.SINK_FULL);

        assertThat(gate.isOpen()).isTrue();
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(reads.count).isOne();
    }

    @Test
    void asksNothingOfAChannelThatIsClosed() {
        gate.pause(ReadGate.Reason.INBOX);
        channel.close();

        gate.resume(ReadGate.Reason.INBOX);

        assertThat(gate.isOpen()).isTrue();
        assertThat(reads.count).isZero();
    }

    @Test
    void countsAReasonOnce() {
        gate.pause(ReadGate.Reason.NO_BACKEND);
        gate.pause(ReadGate.Reason.NO_BACKEND);

        gate.resume(ReadGate.Reason.NO_BACKEND);

        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void isNotOpenedByAReasonThatWasNotGiven() {
        gate.pause(ReadGate.Reason.INBOX);

        gate.resume(ReadGate.Reason.SINK_FULL);

        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void doesNotReadAgainWhenItWasOpenAnyway() {
        gate.resume(ReadGate.Reason.INBOX);

        assertThat(reads.count).isZero();
    }

    private static final class ReadCounter extends ChannelOutboundHandlerAdapter {
        private int count;

        @Override
        public void read(ChannelHandlerContext ctx) {
            count++;
            ctx.read();
        }
    }
}
