package io.hipache.upstream;

import io.hipache.admission.Admission;
import io.hipache.routing.Backend;
import io.hipache.upstream.Acquisition.Acquirer;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

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
    private final UpstreamSettings settings;
    private final Admission admission;
    private final Map<Backend, BackendPool> pools = new HashMap<>();
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
     * Asks for a connection. The acquirer may be called before this returns.
     *
     * @param fresh whether the connection must be one that has not served before
     */
    public Acquisition acquire(Backend backend, boolean fresh, Acquirer acquirer) {
        assert loop.inEventLoop();
        long patience = settings.waitTimeout().isZero()
                ? Long.MAX_VALUE / 2
                : settings.waitTimeout().toNanos();
        Acquisition acquisition = new Acquisition(acquirer, fresh, System.nanoTime() + patience);
        pools.computeIfAbsent(backend, b -> new BackendPool(b, settings, admission, opener, pools::remove))
                .acquire(acquisition);
        if (!sweeping) {
            sweepLater();
        }
        return acquisition;
    }

    /** Backends that this worker is connected to or connecting to. */
    public int size() {
        return pools.size();
    }

    /** Connections to all of them, open or connecting. */
    public int sockets() {
        int sockets = 0;
        for (BackendPool pool : pools.values()) {
            sockets += pool.sockets();
        }
        return sockets;
    }

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
        }
        if (!pools.isEmpty() && !closed) {
            sweepLater();
        }
    }
}
