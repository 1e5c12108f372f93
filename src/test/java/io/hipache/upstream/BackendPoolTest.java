package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.outcome.EndReason;
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
        Stream.generate(RecordingAcquirer::new).limit(5).forEach(this::acquire);

        assertThat(backends.connecting()).isEqualTo(2);
    }

    @Test
    void servesTheNewestIdleConnectionFirst() {
        RecordingAcquirer older = acquired();
        RecordingAcquirer newer = acquired();
        older.connection().giveBack();
        newer.connection().giveBack();

        RecordingAcquirer next = new RecordingAcquirer();
        acquire(next);

        assertThat(next.connection()).isSameAs(newer.connection());
        assertThat(backends.connecting()).isZero();
    }

    @Test
    void dropsAnIdleConnectionThatItsBackendClosed() {
        RecordingAcquirer first = new RecordingAcquirer();
        acquire(first);
        InMemoryChannel channel = backends.accept();
        first.connection().giveBack();

        channel.close();
        RecordingAcquirer next = new RecordingAcquirer();
        acquire(next);

        assertThat(next.connection).isNull();
        assertThat(backends.connecting()).isEqualTo(1);
    }

    @Test
    void servesThoseWhoWaitInTheirOrder() {
        RecordingAcquirer first = acquired();
        RecordingAcquirer second = acquired();
        RecordingAcquirer third = new RecordingAcquirer();
        RecordingAcquirer fourth = new RecordingAcquirer();
        acquire(third);
        acquire(fourth);

        second.connection().giveBack();
        first.connection().giveBack();

        assertThat(third.connection).isSameAs(second.connection());
        assertThat(fourth.connection).isSameAs(first.connection());
    }

    @Test
    void leavesOutOneWhoWaitedAndHasGone() {
        RecordingAcquirer first = acquired();
        acquired();
        RecordingAcquirer gone = new RecordingAcquirer();
        RecordingAcquirer next = new RecordingAcquirer();
        acquire(gone).cancel();
        acquire(next);

        first.connection().giveBack();

        assertThat(gone.connection).isNull();
        assertThat(next.connection).isSameAs(first.connection());
    }

    @Test
    void connectsForOneWhoWaitsWhenASocketIsGone() {
        RecordingAcquirer first = acquired();
        acquired();
        RecordingAcquirer waiting = new RecordingAcquirer();
        acquire(waiting);

        first.connection().discard();
        backends.accept();

        assertThat(waiting.connection).isNotNull().isNotSameAs(first.connection);
    }

    @Test
    void connectsForOneWhoWaitsWhenAnotherWasRefused() {
        RecordingAcquirer refused = new RecordingAcquirer();
        RecordingAcquirer connecting = new RecordingAcquirer();
        RecordingAcquirer waiting = new RecordingAcquirer();
        acquire(refused);
        acquire(connecting);
        acquire(waiting);

        backends.refuse();
        backends.accept();
        backends.accept();

        assertThat(refused.failure)
                .isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED"));
        assertThat(connecting.connection).isNotNull();
        assertThat(waiting.connection).isNotNull();
    }

    @Test
    void failsEveryoneWhoWaitsWhenConnectingFailsAtOnce() {
        RecordingAcquirer first = acquired();
        RecordingAcquirer second = acquired();
        List<RecordingAcquirer> waiting =
                Stream.generate(RecordingAcquirer::new).limit(20_000).toList();
        waiting.forEach(this::acquire);

        backends.refuseAtOnce();
        first.connection().discard();
        second.connection().discard();

        assertThat(waiting).allSatisfy(acquirer -> assertThat(acquirer.failure).isNotNull());
        assertThat(emptied).hasSize(1);
    }

    @Test
    void keepsAConnectionThatCameTooLateForWhoeverComesNext() {
        RecordingAcquirer gone = new RecordingAcquirer();
        acquire(gone).cancel();
        backends.accept();

        RecordingAcquirer next = new RecordingAcquirer();
        acquire(next);

        assertThat(gone.connection).isNull();
        assertThat(next.connection().isReused())
                .as("its backend may have closed it meanwhile")
                .isTrue();
    }

    @Test
    void takesABackendForABusyOneThatDoesNotAnswerWhileItHasAnotherConnection() {
        RecordingAcquirer silent = new RecordingAcquirer();
        acquire(silent);
        backends.fail(new UpstreamFailure.NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT"));
        acquired();
        RecordingAcquirer busy = new RecordingAcquirer();
        acquire(busy);
        backends.fail(new UpstreamFailure.NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT"));
        RecordingAcquirer refused = new RecordingAcquirer();
        acquire(refused);
        backends.refuse();
        RecordingAcquirer busyWithOthers = new RecordingAcquirer();
        acquire(busyWithOthers);
        pool.life().answerArrived();
        backends.fail(new UpstreamFailure.NotConnected(EndReason.BACKEND_TLS_FAILED, "TLS"));

        assertThat(silent.failure)
                .isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT", false, false));
        assertThat(busy.failure)
                .isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT", true, false));
        assertThat(refused.failure)
                .isEqualTo(new UpstreamFailure.NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED", false, false));
        assertThat(busyWithOthers.failure)
                .isEqualTo(new UpstreamFailure.NotConnected(EndReason.BACKEND_TLS_FAILED, "TLS", true, true));
    }

    @Test
    void givesAConnectionThatCameTooLateToOneWhoWaits() {
        RecordingAcquirer gone = new RecordingAcquirer();
        acquire(gone).cancel();
        acquire(new RecordingAcquirer());
        RecordingAcquirer waiting = new RecordingAcquirer();
        acquire(waiting);

        backends.accept();

        assertThat(waiting.connection).isNotNull();
    }

    @Test
    void connectsAfreshWhereAnIdleConnectionWillNotDo() {
        RecordingAcquirer first = acquired();
        first.connection().giveBack();

        RecordingAcquirer picky = new RecordingAcquirer();
        acquire(picky, true, NEVER);
        backends.accept();

        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void closesTheOldestIdleConnectionToMakeRoomForAFreshOne() {
        RecordingAcquirer older = acquired();
        RecordingAcquirer newer = acquired();
        older.connection().giveBack();
        newer.connection().giveBack();

        RecordingAcquirer picky = new RecordingAcquirer();
        acquire(picky, true, NEVER);
        backends.accept();

        assertThat(older.connection().isAlive()).isFalse();
        assertThat(newer.connection().isAlive()).isTrue();
        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void givesNoUsedConnectionToOneWhoWaitsForAFreshOne() {
        RecordingAcquirer first = acquired();
        acquired();
        RecordingAcquirer picky = new RecordingAcquirer();
        acquire(picky, true, NEVER);

        first.connection().giveBack();
        assertThat(picky.connection).isNull();
        backends.accept();

        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void refusesOneMoreThanMayWait() {
        BackendPool small = new BackendPool(
                BACKEND,
                new UpstreamSettings(1, true, Duration.ZERO),
                new Admission(new AdmissionLimits(1, 1, 1, 1, 1)),
                backends,
                emptied::add);
        RecordingAcquirer waiting = new RecordingAcquirer();
        RecordingAcquirer refused = new RecordingAcquirer();
        small.acquire(new Acquisition(new RecordingAcquirer(), false, false, NEVER));

        small.acquire(new Acquisition(waiting, false, false, NEVER));
        small.acquire(new Acquisition(refused, false, false, NEVER));

        assertThat(waiting.failure).isNull();
        assertThat(refused.failure).isEqualTo(UpstreamFailure.NoFreeSocket.forWaiting(1));
    }

    @Test
    void tellsOneWhoseTurnDidNotCome() {
        acquired();
        acquired();
        RecordingAcquirer patient = new RecordingAcquirer();
        RecordingAcquirer hasty = new RecordingAcquirer();
        acquire(hasty, false, 1000);
        acquire(patient, false, 2000);

        pool.failOverdue(1000);

        assertThat(hasty.failure).isEqualTo(UpstreamFailure.NoFreeSocket.inTime(2));
        assertThat(patient.failure).isNull();
    }

    @Test
    void closesWhatHasBeenIdleForTooLong() {
        RecordingAcquirer old = acquired();
        RecordingAcquirer young = acquired();
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
        RecordingAcquirer first = new RecordingAcquirer();
        closing.acquire(new Acquisition(first, false, false, NEVER));
        backends.accept();

        first.connection().giveBack();

        assertThat(first.connection().isAlive()).isFalse();
        assertThat(emptied).hasSize(1);
    }

    @Test
    void saysThatItIsEmptyOnceItsLastConnectionHasEnded() {
        RecordingAcquirer first = acquired();
        RecordingAcquirer second = acquired();
        first.connection().giveBack();

        second.connection().discard();
        assertThat(emptied).isEmpty();
        first.connection().discard();

        assertThat(emptied).containsExactly(BACKEND);
    }

    @Test
    void countsASocketOnceHoweverItEnds() {
        RecordingAcquirer first = acquired();
        first.connection().giveBack();
        pool.close();
        first.connection().discard();
        Stream.generate(RecordingAcquirer::new).limit(5).forEach(this::acquire);

        assertThat(backends.connecting()).isEqualTo(2);
    }

    private static final Backend BACKEND = new Backend(false, "127.0.0.1", 80);

    private BackendPool pool(int maxSockets, boolean keepAlive) {
        UpstreamSettings settings = new UpstreamSettings(maxSockets, keepAlive, Duration.ZERO);
        return new BackendPool(BACKEND, settings, new Admission(AdmissionLimits.NONE), backends, emptied::add);
    }

    private Acquisition acquire(RecordingAcquirer acquirer) {
        return acquire(acquirer, false, NEVER);
    }

    private Acquisition acquire(RecordingAcquirer acquirer, boolean fresh, long deadlineNanos) {
        Acquisition acquisition = new Acquisition(acquirer, fresh, false, deadlineNanos);
        pool.acquire(acquisition);
        return acquisition;
    }

    /** One that has a connection of its own. */
    private RecordingAcquirer acquired() {
        RecordingAcquirer acquirer = new RecordingAcquirer();
        acquire(acquirer, true, NEVER);
        while (backends.connecting() > 0 && acquirer.connection == null) {
            backends.accept();
        }
        return acquirer;
    }
}
