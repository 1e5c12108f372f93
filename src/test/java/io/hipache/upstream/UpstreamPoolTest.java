package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Backend;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UpstreamPoolTest {
    private static final Backend ONE = new Backend(false, "127.0.0.1", 81);
    private static final Backend OTHER = new Backend(false, "127.0.0.1", 82);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final InMemoryBackends backends = new InMemoryBackends(new UnpooledByteBufAllocator(false));

    @Test
    void limitsTheSocketsOfEachBackendOnItsOwn() {
        UpstreamPool pool = pool(1, Duration.ZERO);

        pool.acquire(ONE, false, new RecordingAcquirer());
        pool.acquire(ONE, false, new RecordingAcquirer());
        pool.acquire(OTHER, false, new RecordingAcquirer());

        assertThat(backends.connecting()).isEqualTo(2);
        assertThat(pool.size()).isEqualTo(2);
    }

    @Test
    void forgetsABackendWithItsLastConnection() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer taker = new RecordingAcquirer();
        pool.acquire(ONE, false, taker);
        backends.accept();
        assertThat(pool.size()).isEqualTo(1);

        taker.connection().discard();

        assertThat(pool.size()).isZero();
    }

    @Test
    void forgetsABackendThatRefusesAtOnceAndServesItsNextRequest() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        backends.refuseAtOnce();
        RecordingAcquirer again = new RecordingAcquirer();

        pool.acquire(ONE, false, new Acquisition.Acquirer() {
            @Override
            public void acquired(UpstreamExchange upstream, long connectNanos) {
                throw new AssertionError("was refused");
            }

            @Override
            public void notAcquired(UpstreamFailure failure) {
                pool.acquire(ONE, false, again);
            }
        });

        assertThat(again.failure).isNotNull();
        assertThat(pool.size()).isZero();
    }

    @Test
    void tellsThoseWhoWaitedForTooLong() {
        UpstreamPool pool = pool(1, Duration.ofNanos(1));
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(ONE, false, new RecordingAcquirer());
        pool.acquire(ONE, false, waiting);

        passSeconds(1);

        assertThat(waiting.failure).isEqualTo(new UpstreamFailure.NoFreeSocket());
    }

    @Test
    void doesNotLimitTheWaitWhereNoLimitIsSet() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(ONE, false, new RecordingAcquirer());
        pool.acquire(ONE, false, waiting);

        passSeconds(1);

        assertThat(waiting.failure).isNull();
    }

    @Test
    void closesIdleConnectionsAtItsEnd() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer taker = new RecordingAcquirer();
        pool.acquire(ONE, false, taker);
        InMemoryChannel channel = backends.accept();
        taker.connection().giveBack();

        pool.close();

        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.size()).isZero();
    }

    private void passSeconds(int seconds) {
        loop.advanceTimeBy(seconds, TimeUnit.SECONDS);
        loop.runScheduledPendingTasks();
    }

    private UpstreamPool pool(int maxSockets, Duration waitTimeout) {
        return backends.pool(loop.eventLoop(), new UpstreamSettings(maxSockets, true, waitTimeout));
    }
}
