package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InactivityTimerTest {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel loop =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final InactivityTimer timer = timer(Duration.ofSeconds(20));
    private long progress;
    private long sentAt = Long.MIN_VALUE;
    private int expired;

    @Test
    void expiresWhenNothingHappens() {
        timer.start();

        passSeconds(19);
        assertThat(expired).isZero();
        passSeconds(1);

        assertThat(expired).isEqualTo(1);
    }

    @Test
    void expiresAgainWhenNothingFollows() {
        timer.start();

        passSeconds(59);
        assertThat(expired).isEqualTo(2);
        passSeconds(1);

        assertThat(expired).isEqualTo(3);
    }

    @Test
    void countsFromTheLastActivity() {
        timer.start();

        passSeconds(15);
        timer.touch();
        passSeconds(19);
        assertThat(expired).isZero();
        passSeconds(1);

        assertThat(expired).isEqualTo(1);
    }

    @Test
    void takesOutputThatDripsForActivity() {
        timer.start();
        progress = 1_000;

        for (int i = 0; i < 20; i++) {
            progress--;
            passSeconds(15);
        }

        assertThat(expired).isZero();
    }

    @Test
    void expiresSoonWhereOutputStandsStill() {
        timer.start();
        passSeconds(1);
        progress = 1_000;
        timer.touch();

        passSeconds(20);
        assertThat(expired).isZero();
        passSeconds(6);

        assertThat(expired).isEqualTo(1);
    }

    @Test
    void takesWhatTheKernelSendsForActivity() {
        timer.start();

        passSeconds(15);
        sentAt = ticker.nanoTime();
        passSeconds(19);
        assertThat(expired).isZero();
        passSeconds(1);

        assertThat(expired).isEqualTo(1);
    }

    @Test
    void leavesNothingInTheQueueOnceItIsStopped() {
        timer.start();

        timer.stop();

        assertThat(loop.runScheduledPendingTasks()).as("next deadline").isEqualTo(-1);
        passSeconds(100);
        assertThat(expired).isZero();
    }

    @Test
    void canBeStoppedByWhatItCalls() {
        InactivityTimer[] self = new InactivityTimer[1];
        self[0] = new InactivityTimer(
                loop.eventLoop(),
                ticker::nanoTime,
                Duration.ofSeconds(20),
                Output.of(() -> 0, () -> Long.MAX_VALUE),
                () -> self[0].stop());
        self[0].start();

        passSeconds(20);

        assertThat(loop.runScheduledPendingTasks()).as("next deadline").isEqualTo(-1);
    }

    @Test
    void neverExpiresWithoutATimeout() {
        timer(Duration.ZERO).start();

        passSeconds(100_000);

        assertThat(expired).isZero();
    }

    private InactivityTimer timer(Duration timeout) {
        return new InactivityTimer(
                loop.eventLoop(),
                ticker::nanoTime,
                timeout,
                Output.of(() -> progress, this::nanosSinceSent),
                () -> expired++);
    }

    private long nanosSinceSent() {
        return sentAt == Long.MIN_VALUE ? Long.MAX_VALUE : ticker.nanoTime() - sentAt;
    }

    private void passSeconds(int seconds) {
        for (int i = 0; i < Math.min(seconds, 1000); i++) {
            ticker.advance(Math.max(1, seconds / 1000), TimeUnit.SECONDS);
            loop.runScheduledPendingTasks();
        }
    }
}
