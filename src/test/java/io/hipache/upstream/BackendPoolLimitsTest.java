package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.admission.Limit;
import io.hipache.routing.Backend;
import io.hipache.routing.Room;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How many requests may wait for a backend, what is left of those that leave, and how many sockets tunnels may have. */
class BackendPoolLimitsTest {
    private static final Backend BACKEND = new Backend(false, "127.0.0.1", 80);
    private static final long NEVER = Long.MAX_VALUE / 2;
    private static final int MANY = Integer.MAX_VALUE;

    private final InMemoryBackends backends = new InMemoryBackends(new UnpooledByteBufAllocator(false));
    private Admission admission = new Admission(AdmissionLimits.NONE);
    private final BackendPool pool = pool(2, AdmissionLimits.NONE);

    @Test
    void lettingGoOfTwelveThousandRequestsLeavesNothing() {
        acquired();
        acquired();
        List<WeakReference<RecordingAcquirer>> gone = new ArrayList<>();
        List<Acquisition> waiting = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            RecordingAcquirer acquirer = new RecordingAcquirer();
            gone.add(new WeakReference<>(acquirer));
            waiting.add(acquire(acquirer));
        }
        assertThat(pool.waiting()).isEqualTo(12_000);

        // the last one first: nobody is searched for, and nobody has to come to the head of the queue
        Collections.reverse(waiting);
        waiting.forEach(Acquisition::cancel);

        assertThat(pool.waiting()).isZero();
        waiting.clear();
        awaitCollected(gone);
    }

    @Test
    void holdsOnToNobodyWhoLeavesWhileItConnects() {
        Acquisition acquisition = new Acquisition(new RecordingAcquirer(), false, false, NEVER);
        pool.acquire(acquisition);
        List<WeakReference<RecordingAcquirer>> gone = new ArrayList<>();
        RecordingAcquirer leaving = new RecordingAcquirer();
        gone.add(new WeakReference<>(leaving));
        Acquisition connecting = acquire(leaving);
        leaving = null;

        connecting.cancel();

        assertThat(backends.connecting()).isEqualTo(2);
        awaitCollected(gone);
        assertThat(connecting.isOver()).isTrue();
    }

    @Test
    void refusesWhoeverComesWhenAsManyWaitAsMay() {
        BackendPool full = pool(1, limits(2, MANY));
        List<RecordingAcquirer> first =
                Stream.generate(RecordingAcquirer::new).limit(3).toList();
        first.forEach(acquirer -> full.acquire(new Acquisition(acquirer, false, false, NEVER)));
        assertThat(full.room(false)).isEqualTo(Room.NONE);
        RecordingAcquirer refused = new RecordingAcquirer();

        full.acquire(new Acquisition(refused, false, false, NEVER));

        assertThat(first).allSatisfy(acquirer -> assertThat(acquirer.failure).isNull());
        assertThat(refused.failure).isEqualTo(UpstreamFailure.NoFreeSocket.forWaiting(1));
        assertThat(Objects.requireNonNull(refused.failure).cause()).contains("server.maxSockets", "server.maxWaiting");
        assertThat(admission.refused(Limit.WAITING)).isEqualTo(1);
    }

    @Test
    void thePlaceOfOneWhoLeavesIsFreeAtOnce() {
        BackendPool full = pool(1, limits(1, MANY));
        full.acquire(new Acquisition(new RecordingAcquirer(), false, false, NEVER));
        Acquisition leaving = new Acquisition(new RecordingAcquirer(), false, false, NEVER);
        full.acquire(leaving);
        RecordingAcquirer next = new RecordingAcquirer();

        leaving.cancel();
        full.acquire(new Acquisition(next, false, false, NEVER));

        assertThat(next.failure).isNull();
        assertThat(full.waiting()).isEqualTo(1);
    }

    @Test
    void makesRoomForAFreshConnectionThoughNobodyMayWait() {
        BackendPool strict = pool(1, limits(0, MANY));
        RecordingAcquirer first = new RecordingAcquirer();
        strict.acquire(new Acquisition(first, false, false, NEVER));
        backends.accept();
        first.connection().giveBack();
        RecordingAcquirer picky = new RecordingAcquirer();

        strict.acquire(new Acquisition(picky, true, false, NEVER));
        backends.accept();

        assertThat(picky.connection().isReused()).isFalse();
    }

    @Test
    void saysWhatRoomItHas() {
        assertThat(pool.room(false)).isEqualTo(Room.SOCKET);
        RecordingAcquirer first = acquired();
        acquired();
        assertThat(pool.room(false)).isEqualTo(Room.QUEUE);

        first.connection().giveBack();

        assertThat(pool.room(false)).as("an idle connection").isEqualTo(Room.SOCKET);
    }

    @Test
    void keepsAShareOfItsSocketsForRequests() {
        BackendPool sharing = pool(3, limits(MANY, 2));
        List<RecordingAcquirer> upgrades =
                Stream.generate(RecordingAcquirer::new).limit(3).toList();
        upgrades.forEach(acquirer -> sharing.acquire(new Acquisition(acquirer, false, true, NEVER)));
        RecordingAcquirer request = new RecordingAcquirer();
        sharing.acquire(new Acquisition(request, false, false, NEVER));

        assertThat(backends.connecting()).as("two upgrades and the request").isEqualTo(3);
        assertThat(upgrades.get(2).failure).isEqualTo(UpstreamFailure.NoFreeSocket.forTunnel(3));
        assertThat(admission.refused(Limit.TUNNELS)).isEqualTo(1);
        assertThat(Objects.requireNonNull(upgrades.get(2).failure).cause())
                .contains("server.maxSockets", "server.maxTunnels");
        assertThat(sharing.room(true)).isEqualTo(Room.NONE);
        assertThat(sharing.tunnels()).isEqualTo(2);
    }

    @Test
    void countsATunnelUntilItCloses() {
        RecordingAcquirer upgrade = upgrading();
        InMemoryChannel channel = backends.accept();
        upgrade.connection().switchTo(new ChannelInboundHandlerAdapter());
        assertThat(pool.tunnels()).isEqualTo(1);

        channel.close();
        channel.runPendingTasks();

        assertThat(pool.tunnels()).isZero();
        assertThat(pool.sockets()).isZero();
    }

    @Test
    void countsAnUpgradeThatWasNotGrantedUntilItsConnectionIsGivenBack() {
        RecordingAcquirer refused = upgrading();
        backends.accept();
        refused.connection().giveBack();
        assertThat(pool.tunnels()).isZero();
        RecordingAcquirer request = new RecordingAcquirer();
        acquire(request);

        request.connection().discard();

        assertThat(pool.tunnels()).as("once only").isZero();
    }

    @Test
    void prefersAnotherBackendToTheEndOfALogin() {
        RecordingAcquirer login = acquired();
        acquired();

        pool.kept(login.connection());

        assertThat(pool.room(false)).isEqualTo(Room.KEPT_SOCKET);
        RecordingAcquirer next = acquired();
        assertThat(next.connection)
                .as("the login makes room where nobody else does")
                .isNotNull();
        assertThat(pool.resumed(login.connection(), false)).isFalse();
        assertThat(pool.sockets()).isEqualTo(2);
    }

    @Test
    void keepsNoLoginWhileARequestWaitsElsewhere() {
        BackendPool other = pool(1, AdmissionLimits.NONE);
        other.acquire(new Acquisition(new RecordingAcquirer(), false, false, NEVER));
        backends.accept();
        RecordingAcquirer waiting = new RecordingAcquirer();
        Acquisition acquisition = new Acquisition(waiting, false, false, NEVER);
        other.acquire(acquisition);
        RecordingAcquirer login = acquired();
        acquired();
        acquisition.watch(List.of(pool));

        pool.kept(login.connection());

        assertThat(waiting.events).containsExactly("free elsewhere");
        assertThat(pool.resumed(login.connection(), false)).isFalse();
    }

    @Test
    void countsTheUpgradeOfALogin() {
        BackendPool sharing = pool(3, limits(MANY, 1));
        RecordingAcquirer login = new RecordingAcquirer();
        sharing.acquire(new Acquisition(login, false, true, NEVER));
        backends.accept();
        sharing.kept(login.connection());
        assertThat(sharing.tunnels()).as("not granted").isZero();

        assertThat(sharing.resumed(login.connection(), true)).isTrue();
        assertThat(sharing.tunnels()).isEqualTo(1);
        sharing.kept(login.connection());
        sharing.acquire(new Acquisition(new RecordingAcquirer(), true, true, NEVER));

        assertThat(sharing.resumed(login.connection(), true))
                .as("another tunnel has the share")
                .isFalse();
        assertThat(sharing.tunnels()).isEqualTo(1);
        assertThat(sharing.sockets()).as("the login is over").isEqualTo(1);
    }

    @Test
    void countsAnUpgradeUntilItFailsOrLeaves() {
        upgrading();
        backends.refuse();
        assertThat(pool.tunnels()).as("refused").isZero();
        RecordingAcquirer broken = upgrading();
        backends.accept();
        broken.connection().discard();
        assertThat(pool.tunnels()).as("discarded").isZero();
        acquired();
        acquired();
        Acquisition leaving = new Acquisition(new RecordingAcquirer(), false, true, NEVER);
        pool.acquire(leaving);
        Acquisition overdue = new Acquisition(new RecordingAcquirer(), false, true, 1000);
        pool.acquire(overdue);
        assertThat(pool.tunnels()).as("waiting").isEqualTo(2);

        leaving.cancel();
        leaving.cancel();
        pool.failOverdue(1000);

        assertThat(pool.tunnels()).as("gone").isZero();
    }

    private RecordingAcquirer upgrading() {
        RecordingAcquirer upgrade = new RecordingAcquirer();
        pool.acquire(new Acquisition(upgrade, false, true, NEVER));
        return upgrade;
    }

    private static void awaitCollected(List<? extends WeakReference<?>> gone) {
        Awaitility.await().until(() -> {
            System.gc();
            return gone.stream().allMatch(reference -> reference.get() == null);
        });
    }

    private static AdmissionLimits limits(int waiting, int tunnels) {
        return new AdmissionLimits(MANY, MANY, MANY, waiting, Long.MAX_VALUE, MANY, Long.MAX_VALUE, MANY, 0, tunnels);
    }

    private BackendPool pool(int maxSockets, AdmissionLimits limits) {
        UpstreamSettings settings = new UpstreamSettings(maxSockets, true, Duration.ZERO);
        admission = new Admission(limits);
        return new BackendPool(BACKEND, settings, admission, backends, empty -> {});
    }

    private Acquisition acquire(RecordingAcquirer acquirer) {
        Acquisition acquisition = new Acquisition(acquirer, false, false, NEVER);
        pool.acquire(acquisition);
        return acquisition;
    }

    /** One that has a connection of its own. */
    private RecordingAcquirer acquired() {
        RecordingAcquirer acquirer = new RecordingAcquirer();
        pool.acquire(new Acquisition(acquirer, true, false, NEVER));
        while (backends.connecting() > 0 && acquirer.connection == null) {
            backends.accept();
        }
        return acquirer;
    }
}
