package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Backend;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackendPoolTest {
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final InMemoryBackends backends = new InMemoryBackends(new UnpooledByteBufAllocator(false));
    private final List<Backend> emptied = new ArrayList<>();
    private final BackendPool pool = pool(2, true);

    @Test
    void connectsNoMoreThanItMayAtOnce() {
        Stream.generate(RecordingTaker::new).limit(5).forEach(this::take);

        assertThat(backends.connecting()).isEqualTo(2);
    }

    @Test
    void servesTheNewestIdleConnectionFirst() {
        RecordingTaker older = taken();
        RecordingTaker newer = taken();
        older.connection().giveBack();
        newer.connection().giveBack();

        RecordingTaker next = new RecordingTaker();
        take(next);

        assertThat(next.connection()).isSameAs(newer.connection());
        assertThat(backends.connecting()).isZero();
    }

    @Test
    void dropsAnIdleConnectionThatItsBackendClosed() {
        RecordingTaker first = new RecordingTaker();
        take(first);
        InMemoryChannel channel = backends.accept();
        first.connection().giveBack();

        channel.close();
        RecordingTaker next = new RecordingTaker();
        take(next);

        assertThat(next.connection).isNull();
        assertThat(backends.connecting()).isEqualTo(1);
    }

    @Test
    void servesThoseWhoWaitInTheirOrder() {
        RecordingTaker first = taken();
        RecordingTaker second = taken();
        RecordingTaker third = new RecordingTaker();
        RecordingTaker fourth = new RecordingTaker();
        take(third);
        take(fourth);

        second.connection().giveBack();
        first.connection().giveBack();

        assertThat(third.connection).isSameAs(second.connection());
        assertThat(fourth.connection).isSameAs(first.connection());
    }

    @Test
    void leavesOutOneWhoWaitedAndHasGone() {
        RecordingTaker first = taken();
        taken();
        RecordingTaker gone = new RecordingTaker();
        RecordingTaker next = new RecordingTaker();
        take(gone).cancel();
        take(next);

        first.connection().giveBack();

        assertThat(gone.connection).isNull();
        assertThat(next.connection).isSameAs(first.connection());
    }

    @Test
    void connectsForOneWhoWaitsWhenASocketIsGone() {
        RecordingTaker first = taken();
        taken();
        RecordingTaker waiting = new RecordingTaker();
        take(waiting);

        first.connection().discard();
        backends.accept();

        assertThat(waiting.connection).isNotNull().isNotSameAs(first.connection);
    }

    @Test
    void connectsForOneWhoWaitsWhenAnotherWasRefused() {
        RecordingTaker refused = new RecordingTaker();
        RecordingTaker connecting = new RecordingTaker();
        RecordingTaker waiting = new RecordingTaker();
        take(refused);
        take(connecting);
        take(waiting);

        backends.refuse();
        backends.accept();
        backends.accept();

        assertThat(refused.failure).isEqualTo(new UpstreamFailure.NotConnected("ECONNREFUSED"));
        assertThat(connecting.connection).isNotNull();
        assertThat(waiting.connection).isNotNull();
    }

    @Test
    void failsEveryoneWhoWaitsWhenConnectingFailsAtOnce() {
        RecordingTaker first = taken();
        RecordingTaker second = taken();
        List<RecordingTaker> waiting =
                Stream.generate(RecordingTaker::new).limit(20_000).toList();
        waiting.forEach(this::take);

        backends.refuseAtOnce();
        first.connection().discard();
        second.connection().discard();

        assertThat(waiting).allSatisfy(taker -> assertThat(taker.failure).isNotNull());
        assertThat(emptied).hasSize(1);
    }

    @Test
    void keepsAConnectionThatCameTooLateForWhoeverComesNext() {
        RecordingTaker gone = new RecordingTaker();
        take(gone).cancel();
        backends.accept();

        RecordingTaker next = new RecordingTaker();
        take(next);

        assertThat(gone.connection).isNull();
        assertThat(next.connection().isReused())
                .as("its backend may have closed it meanwhile")
                .isTrue();
    }

    @Test
    void givesAConnectionThatCameTooLateToOneWhoWaits() {
        RecordingTaker gone = new RecordingTaker();
        take(gone).cancel();
        take(new RecordingTaker());
        RecordingTaker waiting = new RecordingTaker();
        take(waiting);

        backends.accept();

        assertThat(waiting.connection).isNotNull();
    }

    @Test
    void connectsAfreshWhereAnIdleConnectionWillNotDo() {
        RecordingTaker first = taken();
        first.connection().giveBack();

        RecordingTaker picky = new RecordingTaker();
        take(picky, true, NEVER);
        backends.accept();

        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void closesTheOldestIdleConnectionToMakeRoomForAFreshOne() {
        RecordingTaker older = taken();
        RecordingTaker newer = taken();
        older.connection().giveBack();
        newer.connection().giveBack();

        RecordingTaker picky = new RecordingTaker();
        take(picky, true, NEVER);
        backends.accept();

        assertThat(older.connection().isAlive()).isFalse();
        assertThat(newer.connection().isAlive()).isTrue();
        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void givesNoUsedConnectionToOneWhoWaitsForAFreshOne() {
        RecordingTaker first = taken();
        taken();
        RecordingTaker picky = new RecordingTaker();
        take(picky, true, NEVER);

        first.connection().giveBack();
        assertThat(picky.connection).isNull();
        backends.accept();

        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void tellsOneWhoseTurnDidNotCome() {
        taken();
        taken();
        RecordingTaker patient = new RecordingTaker();
        RecordingTaker hasty = new RecordingTaker();
        take(hasty, false, 1000);
        take(patient, false, 2000);

        pool.failOverdue(1000);

        assertThat(hasty.failure).isEqualTo(new UpstreamFailure.NoFreeSocket());
        assertThat(patient.failure).isNull();
    }

    @Test
    void closesWhatHasBeenIdleForTooLong() {
        RecordingTaker old = taken();
        RecordingTaker young = taken();
        old.connection().giveBack();
        young.connection().giveBack();

        old.connection().idleSince(1000);
        young.connection().idleSince(1001);
        pool.closeIdleSince(1000);

        assertThat(old.connection().isAlive()).isFalse();
        assertThat(young.connection().isAlive()).isTrue();
    }

    @Test
    void keepsNothingWithoutKeepAlive() {
        BackendPool closing = pool(1, false);
        RecordingTaker first = new RecordingTaker();
        closing.take(new Take(first, false, NEVER));
        backends.accept();

        first.connection().giveBack();

        assertThat(first.connection().isAlive()).isFalse();
        assertThat(emptied).hasSize(1);
    }

    @Test
    void saysThatItIsEmptyOnceItsLastConnectionHasEnded() {
        RecordingTaker first = taken();
        RecordingTaker second = taken();
        first.connection().giveBack();

        second.connection().discard();
        assertThat(emptied).isEmpty();
        first.connection().discard();

        assertThat(emptied).containsExactly(BACKEND);
    }

    @Test
    void countsASocketOnceHoweverItEnds() {
        RecordingTaker first = taken();
        first.connection().giveBack();
        pool.close();
        first.connection().discard();
        Stream.generate(RecordingTaker::new).limit(5).forEach(this::take);

        assertThat(backends.connecting()).isEqualTo(2);
    }

    private static final Backend BACKEND = new Backend(false, "127.0.0.1", 80);

    private BackendPool pool(int maxSockets, boolean keepAlive) {
        UpstreamSettings settings = new UpstreamSettings(maxSockets, keepAlive, Duration.ZERO);
        return new BackendPool(BACKEND, settings, backends, emptied::add);
    }

    private Take take(RecordingTaker taker) {
        return take(taker, false, NEVER);
    }

    private Take take(RecordingTaker taker, boolean fresh, long deadlineNanos) {
        Take take = new Take(taker, fresh, deadlineNanos);
        pool.take(take);
        return take;
    }

    /** One that has a connection of its own. */
    private RecordingTaker taken() {
        RecordingTaker taker = new RecordingTaker();
        take(taker, true, NEVER);
        while (backends.connecting() > 0 && taker.connection == null) {
            backends.accept();
        }
        return taker;
    }
}
