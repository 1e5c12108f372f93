package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class EventClockTest {
    /** Two readings of the clock with time in between, and the system's time before the first one. */
    private record Readings(long before, long first, long second) {
        static Readings take() {
            long before = System.nanoTime();
            long first = EventClock.nanoTime();
            while (System.nanoTime() - before < 1_000) {
                Thread.onSpinWait();
            }
            return new Readings(before, first, EventClock.nanoTime());
        }
    }

    private final BlockingQueue<Readings> inEvents = new LinkedBlockingQueue<>();
    private final BlockingQueue<Readings> inTasks = new LinkedBlockingQueue<>();

    @AutoClose
    private final EpollServer server = new EpollServer(new Reader());

    @Test
    void standsStillWithinAnEventOfASocketAndGoesOnBehindIt() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("a");
            Readings event = inEvents.take();
            Readings task = inTasks.take();
            client.send("b");
            Readings nextEvent = inEvents.take();

            assertThat(event.second()).isEqualTo(event.first()).isLessThanOrEqualTo(event.before());
            assertThat(task.first()).isGreaterThanOrEqualTo(task.before());
            assertThat(task.second()).isGreaterThan(task.first());
            assertThat(nextEvent.first()).isGreaterThan(task.second());
        }
    }

    @Test
    void isTheSystemsOnOtherThreads() {
        Readings here = Readings.take();

        assertThat(here.first()).isGreaterThanOrEqualTo(here.before());
        assertThat(here.second()).isGreaterThan(here.first());
    }

    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            inEvents.add(Readings.take());
            ctx.executor().execute(() -> inTasks.add(Readings.take()));
        }
    }
}
