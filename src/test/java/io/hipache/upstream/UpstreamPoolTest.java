package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Backend;
import io.hipache.routing.Room;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(OTHER, List.of(), false, false, new RecordingAcquirer());

        assertThat(backends.connecting()).isEqualTo(2);
        assertThat(pool.size()).isEqualTo(2);
    }

    @Test
    void forgetsABackendWithItsLastConnection() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer taker = new RecordingAcquirer();
        pool.acquire(ONE, List.of(), false, false, taker);
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

        pool.acquire(ONE, List.of(), false, false, new Acquisition.Acquirer() {
            @Override
            public void acquired(UpstreamExchange upstream, long connectNanos) {
                throw new AssertionError("was refused");
            }

            @Override
            public void notAcquired(UpstreamFailure failure) {
                pool.acquire(ONE, List.of(), false, false, again);
            }

            @Override
            public void freeElsewhere() {
                throw new AssertionError("was refused");
            }
        });

        assertThat(again.failure).isNotNull();
        assertThat(pool.size()).isZero();
    }

    @Test
    void tellsWhatIsUnderWayOnEachBackend() {
        UpstreamPool pool = pool(3, Duration.ZERO);
        RecordingAcquirer done = new RecordingAcquirer();
        RecordingAcquirer resting = new RecordingAcquirer();
        pool.acquire(ONE, List.of(), false, false, done);
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, true, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(OTHER, List.of(), false, false, resting);
        while (backends.connecting() > 0) {
            backends.accept();
        }

        List<String> before = busy(pool);
        resting.connection().giveBack();
        done.connection().giveBack();
        List<String> after = busy(pool);

        assertThat(before).containsExactlyInAnyOrder(ONE + " 3 1", OTHER + " 1 0");
        assertThat(after).containsExactly(ONE + " 2 1");
    }

    private static List<String> busy(UpstreamPool pool) {
        List<String> busy = new ArrayList<>();
        pool.forEachBusy((backend, requests, tunnels) -> busy.add(backend + " " + requests + " " + tunnels));
        return busy;
    }

    @Test
    void tellsThoseWhoWaitedForTooLong() {
        UpstreamPool pool = pool(1, Duration.ofNanos(1));
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, false, waiting);

        passSeconds(1);

        assertThat(waiting.failure).isEqualTo(UpstreamFailure.NoFreeSocket.inTime(1));
    }

    @Test
    void doesNotLimitTheWaitWhereNoLimitIsSet() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, false, waiting);

        passSeconds(1);

        assertThat(waiting.failure).isNull();
    }

    @Test
    void saysWhichBackendsAreFull() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        pool.acquire(ONE, List.of(), false, true, new RecordingAcquirer());
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());

        assertThat(pool.room(false).apply(ONE)).isEqualTo(Room.QUEUE);
        assertThat(pool.room(false).apply(OTHER)).isEqualTo(Room.SOCKET);
        assertThat(pool.size()).as("asking makes no pool").isEqualTo(1);
        assertThat(pool.waiting()).isEqualTo(1);
        assertThat(pool.tunnels()).isEqualTo(1);
    }

    @Test
    void callsOneWhoWaitsWhenAnotherBackendThatWouldDoHasASocketFree() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer busy = new RecordingAcquirer();
        RecordingAcquirer own = new RecordingAcquirer();
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, busy);
        backends.accept();
        pool.acquire(OTHER, List.of(), false, false, own);
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(OTHER), false, false, waiting);

        busy.connection().giveBack();
        assertThat(waiting.events).as("its own queue comes first").isEmpty();
        own.connection().giveBack();

        assertThat(waiting.events).containsExactly("free elsewhere");
        assertThat(pool.waiting()).isZero();
    }

    @Test
    void callsOneWhoWaitsWhenTheOtherBackendHasNoConnectionLeft() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer busy = new RecordingAcquirer();
        RecordingAcquirer waiting = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, busy);
        backends.accept();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(OTHER), false, false, waiting);

        busy.connection().discard();

        assertThat(waiting.events).containsExactly("free elsewhere");
        assertThat(pool.size()).as("pools").isEqualTo(1);
    }

    @Test
    void callsAgainAtTheNextSweepWhereTheFirstOneTookNothing() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer busy = new RecordingAcquirer();
        RecordingAcquirer first = new RecordingAcquirer();
        RecordingAcquirer second = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, busy);
        backends.accept();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(ONE, List.of(OTHER), false, false, first);
        pool.acquire(ONE, List.of(OTHER), false, false, second);

        busy.connection().giveBack();
        assertThat(first.events).containsExactly("free elsewhere");
        assertThat(second.events).isEmpty();
        passSeconds(1);

        assertThat(second.events).containsExactly("free elsewhere");
    }

    @Test
    void endsTheWaitOfOneThatMovesWhenItsFirstWaitWouldHaveEnded() {
        UpstreamPool pool = pool(1, Duration.ofHours(1));
        RecordingAcquirer patient = new RecordingAcquirer();
        RecordingAcquirer moved = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, new RecordingAcquirer());
        pool.acquire(OTHER, List.of(), false, false, patient);

        pool.acquire(OTHER, List.of(), false, false, System.nanoTime() - 1, moved);
        passSeconds(1);

        assertThat(moved.failure).isEqualTo(UpstreamFailure.NoFreeSocket.inTime(1));
        assertThat(patient.failure).as("came before, and has its own time").isNull();
    }

    @Test
    void callsManyWhereEachFailsAtOnce() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer busy = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, busy);
        backends.accept();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        List<RecordingAcquirer> moved = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            RecordingAcquirer waiting = new RecordingAcquirer();
            waiting.whenFreeElsewhere = () -> pool.acquire(OTHER, List.of(), false, false, waiting);
            pool.acquire(ONE, List.of(OTHER), false, false, waiting);
            moved.add(waiting);
        }
        backends.refuseAtOnce();

        busy.connection().discard();

        assertThat(moved.get(0).failure).isNotNull();
        passSeconds(1);
        assertThat(moved.get(1).failure).as("at the next sweep").isNotNull();
    }

    @Test
    void callsNobodyWhoHasLeft() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer busy = new RecordingAcquirer();
        RecordingAcquirer leaving = new RecordingAcquirer();
        pool.acquire(OTHER, List.of(), false, false, busy);
        backends.accept();
        pool.acquire(ONE, List.of(), false, false, new RecordingAcquirer());
        Acquisition left = pool.acquire(ONE, List.of(OTHER), false, false, leaving);

        left.cancel();
        busy.connection().discard();
        passSeconds(1);

        assertThat(leaving.events).isEmpty();
        assertThat(pool.size()).as("pools").isEqualTo(1);
    }

    @Test
    void closesIdleConnectionsAtItsEnd() {
        UpstreamPool pool = pool(1, Duration.ZERO);
        RecordingAcquirer taker = new RecordingAcquirer();
        pool.acquire(ONE, List.of(), false, false, taker);
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
