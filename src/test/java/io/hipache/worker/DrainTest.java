package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.IdleTimeOver;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final Drain drain = new Drain(loop.eventLoop());

    DrainTest() {
        loop.freezeTime();
    }

    @Test
    void endsAtOnceWithoutClients() {
        EmbeddedChannel gone = new EmbeddedChannel();
        drain.add(gone);
        gone.close();
        assertThat(drain.ended()).isNotDone();

        drain.begin(IDLE, Duration.ofSeconds(8));

        assertThat(drain.ended()).isDone();
    }

    @Test
    void asksIdleClientsToClose() {
        EmbeddedChannel idle = new EmbeddedChannel(new ClosingWhenAsked());
        drain.add(idle);

        drain.begin(IDLE, Duration.ofSeconds(8));
        advance(999);
        assertThat(idle.isOpen()).isTrue();
        advance(1);

        assertThat(idle.isOpen()).isFalse();
        assertThat(drain.ended()).isDone();
    }

    @Test
    void waitsForTheBusyOnes() {
        EmbeddedChannel busy = new EmbeddedChannel();
        drain.add(busy);
        drain.begin(IDLE, Duration.ofSeconds(8));
        assertThat(drain.ended()).isNotDone();

        busy.close();

        assertThat(drain.ended()).isDone();
    }

    @Test
    void cutsOffTheClientsThatAreLeftAtTheTimeout() {
        EmbeddedChannel busy = new EmbeddedChannel();
        drain.add(busy);
        drain.begin(IDLE, Duration.ofSeconds(8));
        advance(7_999);
        assertThat(busy.isOpen()).isTrue();

        advance(1);

        assertThat(busy.isOpen()).isFalse();
        assertThat(drain.ended()).isDone();
    }

    @Test
    void shortensTheTimeButNeverLengthensIt() {
        EmbeddedChannel busy = new EmbeddedChannel();
        drain.add(busy);
        drain.begin(IDLE, Duration.ofMinutes(2));
        drain.begin(IDLE, Duration.ofSeconds(8));
        drain.begin(IDLE, Duration.ofMinutes(1));

        advance(8_000);

        assertThat(busy.isOpen()).isFalse();
    }

    @Test
    void asksLateComersToo() {
        drain.add(new EmbeddedChannel());
        drain.begin(IDLE, Duration.ofSeconds(8));
        EmbeddedChannel late = new EmbeddedChannel(new ClosingWhenAsked());

        drain.add(late);
        advance(1_000);

        assertThat(late.isOpen()).isFalse();
    }

    private void advance(long millis) {
        loop.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
    }

    private static final class ClosingWhenAsked extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == IdleTimeOver.INSTANCE) {
                ctx.close();
            }
        }
    }
}
