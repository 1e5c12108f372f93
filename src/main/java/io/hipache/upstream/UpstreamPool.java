package io.hipache.upstream;

import io.hipache.admission.Admission;
import io.hipache.net.EventClock;
import io.hipache.routing.Backend;
import io.hipache.routing.Room;
import io.hipache.upstream.Acquisition.Acquirer;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a worker to its backends. A backend without connections leaves the map, so nothing grows with the
 * number of routes. Confined to the event loop.
 */
public final class UpstreamPool implements AutoCloseable {
    private static final long SWEEP_MILLIS = 500;
    /** How long an unused connection is kept. */
    private static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final EventLoop loop;
    private final BackendPool.Opener opener;
    private UpstreamSettings settings;
    private final Admission admission;
    private final Map<Backend, BackendPool> pools = new HashMap<>();
    private final Function<Backend, Room> roomForRequests = this::roomForRequest;
    private final Function<Backend, Room> roomForUpgrades = this::roomForUpgrade;
    private boolean sweeping;
    private boolean closed;

    public UpstreamPool(EventLoop loop, Connector connector, UpstreamSettings settings, Admission admission) {
        this(loop, connector::connect, settings, admission);
    }

    UpstreamPool(EventLoop loop, BackendPool.Opener opener, UpstreamSettings settings, Admission admission) {
        this.loop = loop;
        this.opener = opener;
        this.settings = settings;
        this.admission = admission;
    }

    /**
     * Asks for a connection, for a request that has not waited for one before. See the other {@link #acquire}.
     */
    public Acquisition acquire(
            Backend backend, List<Backend> others, boolean fresh, boolean upgrade, Acquirer acquirer) {
        return acquire(backend, others, fresh, upgrade, null, acquirer);
    }

    /**
     * Asks for a connection. The acquirer may be called before this returns.
     *
     * @param others backends that would do as well; one that has a socket free sooner calls the acquirer
     * @param fresh whether the connection must be one that has not served before
     * @param upgrade whether the request asks for a tunnel
     * @param deadlineNanos when waiting in a queue stops, as {@link System#nanoTime}; null for {@code waitTimeout} from now on
     */
    public Acquisition acquire(
            Backend backend,
            List<Backend> others,
            boolean fresh,
            boolean upgrade,
            @Nullable Long deadlineNanos,
            Acquirer acquirer) {
        assert loop.inEventLoop();
        long patience = settings.waitTimeout().isZero()
                ? Long.MAX_VALUE / 2
                : settings.waitTimeout().toNanos();
        long deadline = deadlineNanos == null ? EventClock.nanoTime() + patience : deadlineNanos;
        Acquisition acquisition = new Acquisition(acquirer, fresh, upgrade, deadline);
        BackendPool pool = pools.computeIfAbsent(backend, this::newPool);
        pool.acquire(acquisition);
        if (!others.isEmpty() && pool.isWaiting(acquisition)) {
            acquisition.watch(others.stream()
                    .map(pools::get)
                    .filter(other -> other != null && other != pool)
                    .toList());
        }
        if (!sweeping) {
            sweepLater();
        }
        return acquisition;
    }

    private BackendPool newPool(Backend backend) {
        return new BackendPool(backend, settings, admission, opener, pools::remove);
    }

    /** Backends that this worker is connected to or connecting to. */
    public int size() {
        return pools.size();
    }

    /** Says what {@link #acquire} would do now with a request for a backend. */
    public Function<Backend, Room> room(boolean upgrade) {
        return upgrade ? roomForUpgrades : roomForRequests;
    }

    private Room roomForRequest(Backend backend) {
        return room(backend, false);
    }

    private Room roomForUpgrade(Backend backend) {
        return room(backend, true);
    }

    private Room room(Backend backend, boolean upgrade) {
        BackendPool pool = pools.get(backend);
        return pool == null ? Room.SOCKET : pool.room(upgrade);
    }

    /** Connections to all of them, open or connecting. */
    public int sockets() {
        return sum(BackendPool::sockets);
    }

    /** Connections that wait for a request. */
    public int idle() {
        return sum(BackendPool::idle);
    }

    /** Requests that wait for a free socket. */
    public int waiting() {
        return sum(BackendPool::waiting);
    }

    /** Connections that are tunnels, and requests that ask for one. */
    public int tunnels() {
        return sum(BackendPool::tunnels);
    }

    /** Receives a backend on which something is under way. */
    @FunctionalInterface
    public interface BusyBackend {
        /**
         * Tells about it.
         *
         * @param requests those that wait for a free socket included
         * @param tunnels those that are asked for included
         */
        void busy(Backend backend, int requests, int tunnels);
    }

    /** Shows the backends on which something is under way. */
    public void forEachBusy(BusyBackend visitor) {
        pools.forEach((backend, pool) -> {
            int busy = pool.sockets() - pool.idle() + pool.waiting();
            if (busy > 0) {
                visitor.busy(backend, Math.max(0, busy - pool.tunnels()), pool.tunnels());
            }
        });
    }

    private int sum(ToIntFunction<BackendPool> counter) {
        int sum = 0;
        for (BackendPool pool : pools.values()) {
            sum += counter.applyAsInt(pool);
        }
        return sum;
    }

    /** Other settings count from now on, for connections that are open too. */
    public void follow(UpstreamSettings others) {
        if (!others.equals(settings)) {
            settings = others;
            List.copyOf(pools.values()).forEach(pool -> pool.follow(others));
        }
    }

    /** Closes the idle connections. To be called when nobody acquires connections any more. */
    @Override
    public void close() {
        closed = true;
        List.copyOf(pools.values()).forEach(BackendPool::close);
    }

    private void sweepLater() {
        sweeping = true;
        loop.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        sweeping = false;
        long now = System.nanoTime();
        // a copy, because a pool that runs empty leaves the map
        for (BackendPool pool : List.copyOf(pools.values())) {
            pool.closeIdleSince(now - LONGEST_IDLE_NANOS);
            pool.failOverdue(now);
            pool.callWatching(settings.maxSockets());
        }
        if (!pools.isEmpty() && !closed) {
            sweepLater();
        }
    }
}
