package io.hipache.upstream;

import io.hipache.admission.Admission;
import io.hipache.net.EventClock;
import io.hipache.routing.Backend;
import io.hipache.routing.Room;
import io.hipache.upstream.UpstreamFailure.NotConnected;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one backend. A request gets the newest idle connection, else a new one, else a place in a queue. Open
 * and connecting connections together never exceed {@code maxSockets}. Tunnels, and requests that ask for one, have only a
 * share of these sockets: the rest stays for other requests. Confined to the event loop.
 */
final class BackendPool {

    /** Opens connections: {@link Connector#connect}, or a test's. */
    interface Opener {
        /** Opens one; {@code callback} is told exactly once, perhaps before this returns. */
        void open(Backend backend, BackendPool pool, Connector.Callback callback);
    }

    private final Backend backend;
    private UpstreamSettings settings;
    private final Admission admission;
    private final Opener opener;
    private final Consumer<Backend> whenEmpty;
    private final Deque<Http1UpstreamConnection> idle = new ArrayDeque<>();
    /** Those on which a client is logged in that sends nothing just now; the newest first. */
    private final Deque<Http1UpstreamConnection> kept = new ArrayDeque<>();

    /** In their order. A set, so that a request that is cancelled leaves without a search. */
    private final Set<Acquisition> waiting = new LinkedHashSet<>();
    /** Open or connecting, idle or not. */
    private int sockets;

    private int connecting;
    private final SignsOfLife life = new SignsOfLife();
    /** Tunnels, and requests that ask for one: only the answer of the backend says whether a request becomes a tunnel. */
    private int tunnels;

    /** Requests in the queues of other backends. */
    private final Set<Acquisition> watching = new LinkedHashSet<>();

    private boolean connectingWaiting;
    private boolean calling;
    private boolean empty;

    BackendPool(
            Backend backend,
            UpstreamSettings settings,
            Admission admission,
            Opener opener,
            Consumer<Backend> whenEmpty) {
        this.backend = backend;
        this.settings = settings;
        this.admission = admission;
        this.opener = opener;
        this.whenEmpty = whenEmpty;
    }

    /** Serves {@code acquisition} now or when a socket is free. */
    void acquire(Acquisition acquisition) {
        acquisition.handedTo(this);
        if (acquisition.upgrade() && !admission.admitsTunnel(tunnels)) {
            admission.tunnelRefused(backend);
            acquisition.fail(UpstreamFailure.NoFreeSocket.forTunnel(settings.maxSockets()));
            return;
        }
        tunnels += acquisition.upgrade() ? 1 : 0;
        Http1UpstreamConnection newest = acquisition.fresh() ? null : newestIdle();
        if (newest != null) {
            succeed(acquisition, newest, 0);
        } else if (sockets < settings.maxSockets()) {
            connect(acquisition);
        } else if (!idle.isEmpty()) {
            // this request wants a fresh connection: the oldest idle one makes room
            waiting.add(acquisition);
            idle.removeLast().discard();
        } else if (!kept.isEmpty()) {
            // its client can log in again
            waiting.add(acquisition);
            kept.removeLast().discard();
        } else if (admission.admitsWaiting(waiting.size())) {
            waiting.add(acquisition);
        } else {
            admission.waitingRefused(backend);
            fail(acquisition, UpstreamFailure.NoFreeSocket.forWaiting(settings.maxSockets()));
        }
    }

    /** What {@link #acquire} would do with one more request; {@code upgrade} when the request asks for a tunnel. */
    Room room(boolean upgrade) {
        if (upgrade && !admission.admitsTunnel(tunnels)) {
            return Room.NONE;
        }
        if (sockets < settings.maxSockets() || !idle.isEmpty()) {
            return Room.SOCKET;
        }
        if (!kept.isEmpty()) {
            return Room.KEPT_SOCKET;
        }
        return admission.admitsWaiting(waiting.size()) ? Room.QUEUE : Room.NONE;
    }

    boolean isWaiting(Acquisition acquisition) {
        return waiting.contains(acquisition);
    }

    /** The request of another backend's queue would take a socket of this one as well. */
    void addWatching(Acquisition acquisition) {
        watching.add(acquisition);
    }

    void removeWatching(Acquisition acquisition) {
        watching.remove(acquisition);
        tellWhenEmpty();
    }

    /**
     * Calls requests that wait for other backends, as many as would get a socket here now, and {@code most} at most. Never
     * within such a call: each request can fail here at once.
     */
    void callWatching(int most) {
        if (watching.isEmpty() || calling) {
            return;
        }
        int free = Math.min(most, settings.maxSockets() - sockets + idle.size());
        List<Acquisition> called = watching.stream()
                .filter(acquisition -> room(acquisition.upgrade()) == Room.SOCKET)
                .limit(Math.max(0, free))
                .toList();
        calling = true;
        try {
            for (Acquisition acquisition : called) {
                if (!acquisition.isOver()) {
                    acquisition.goElsewhere();
                }
            }
        } finally {
            calling = false;
        }
    }

    /**
     * A connection waits for the next request of the only client that it is for. Not while others wait, here or elsewhere: its
     * client can log in again.
     */
    void kept(Http1UpstreamConnection connection) {
        uncount(connection.endUpgrade());
        if (nextWaiting() != null || !watching.isEmpty()) {
            connection.discard();
        } else {
            kept.push(connection);
        }
    }

    /**
     * A connection that was kept is used again; false when it was closed meanwhile, or may not become a tunnel.
     *
     * @param upgrade whether the request asks for a tunnel
     */
    boolean resumed(Http1UpstreamConnection connection, boolean upgrade) {
        if (!kept.remove(connection)) {
            return false;
        }
        if (upgrade) {
            if (!admission.admitsTunnel(tunnels)) {
                connection.discard();
                return false;
            }
            tunnels++;
            connection.beginUpgrade();
        }
        return true;
    }

    /** The request has gone before it had a connection. */
    void leave(Acquisition acquisition) {
        waiting.remove(acquisition);
        uncount(acquisition.upgrade());
    }

    void giveBack(Http1UpstreamConnection connection) {
        uncount(connection.endUpgrade());
        if (!settings.keepAlive() || !connection.isAlive()) {
            connection.discard();
            return;
        }
        Acquisition next = nextWaiting();
        if (next == null) {
            connection.idleSince(EventClock.nanoTime());
            idle.push(connection);
            callWatching(1);
        } else if (next.accepts(connection)) {
            waiting.remove(next);
            succeed(next, connection, 0);
        } else {
            // the request keeps its place: a new connection follows when this one has ended
            connection.discard();
        }
    }

    /** A connection has ended, whoever ended it. */
    void closed(Http1UpstreamConnection connection) {
        idle.remove(connection);
        kept.remove(connection);
        socketFreed(connection.endUpgrade());
    }

    /** Closes the connections that are idle since {@code nanos}, so that those to removed backends go away. */
    void closeIdleSince(long nanos) {
        while (!idle.isEmpty() && idle.getLast().idleSinceNanos() - nanos <= 0) {
            idle.removeLast().discard();
        }
    }

    /** Fails the requests that have waited for too long. */
    void failOverdue(long nowNanos) {
        // not only the first ones: a request that waited elsewhere before has less time than those before it
        List<Acquisition> overdue = waiting.stream()
                .filter(acquisition -> acquisition.deadlineNanos() - nowNanos <= 0)
                .toList();
        for (Acquisition acquisition : overdue) {
            // one that failed may have had another one cancelled
            if (waiting.remove(acquisition)) {
                fail(acquisition, UpstreamFailure.NoFreeSocket.inTime(settings.maxSockets()));
            }
        }
    }

    /** Whether a connection may serve more than one request. */
    boolean keepsConnections() {
        return settings.keepAlive();
    }

    /** Open or connecting, idle or not. */
    int sockets() {
        return sockets;
    }

    /** Of the backend, on any connection. */
    SignsOfLife life() {
        return life;
    }

    /** Connections that wait for a request, whoever's. */
    int idle() {
        return idle.size() + kept.size();
    }

    /** Requests that wait for a socket. */
    int waiting() {
        return waiting.size();
    }

    /** Tunnels, and requests that ask for one. */
    int tunnels() {
        return tunnels;
    }

    /** Other settings count from now on. Connections stay as far as these allow it. */
    void follow(UpstreamSettings others) {
        settings = others;
        if (!others.keepAlive()) {
            close();
        }
        socketsMayBeFree();
    }

    void close() {
        while (!idle.isEmpty()) {
            idle.pop().discard();
        }
        while (!kept.isEmpty()) {
            kept.pop().discard();
        }
    }

    private void connect(Acquisition acquisition) {
        boolean open = isOpen();
        sockets++;
        connecting++;
        long began = EventClock.nanoTime();
        long answersBefore = life.answers();
        opener.open(backend, this, new Connector.Callback() {
            @Override
            public void connected(Http1UpstreamConnection connection) {
                connecting--;
                life.connected();
                if (acquisition.isOver()) {
                    giveBack(connection);
                } else {
                    succeed(acquisition, connection, EventClock.nanoTime() - began);
                }
            }

            @Override
            public void notConnected(UpstreamFailure failure) {
                boolean alive = open || isOpen() || life.isAfter(began) || life.isWithin(settings.waitTimeout());
                connecting--;
                socketFreed(false);
                if (!acquisition.isOver()) {
                    boolean ofLiving = alive && failure instanceof NotConnected;
                    fail(
                            acquisition,
                            ofLiving ? ((NotConnected) failure).ofLiving(life.answers() != answersBefore) : failure);
                }
            }
        });
    }

    /** Whether there is a connection. */
    private boolean isOpen() {
        return sockets > connecting;
    }

    private void succeed(Acquisition acquisition, Http1UpstreamConnection connection, long connectNanos) {
        if (acquisition.upgrade()) {
            connection.beginUpgrade();
        }
        acquisition.succeed(connection, connectNanos);
    }

    private void fail(Acquisition acquisition, UpstreamFailure failure) {
        uncount(acquisition.upgrade());
        acquisition.fail(failure);
    }

    private void uncount(boolean upgrade) {
        if (upgrade) {
            tunnels--;
        }
    }

    /** A connection that was open or connecting, and not idle, has ended; {@code upgrade} when it counts as a tunnel. */
    void socketFreed(boolean upgrade) {
        sockets--;
        uncount(upgrade);
        socketsMayBeFree();
    }

    private void socketsMayBeFree() {
        connectWaiting();
        if (!connectingWaiting) {
            callWatching(1);
            tellWhenEmpty();
        }
    }

    private void tellWhenEmpty() {
        if (sockets == 0 && !connectingWaiting && watching.isEmpty() && !empty) {
            empty = true;
            whenEmpty.accept(backend);
        }
    }

    /** Connects for those who wait. A loop, not recursion: connecting can fail at once for each of them. */
    private void connectWaiting() {
        if (connectingWaiting) {
            return;
        }
        connectingWaiting = true;
        try {
            Acquisition next = nextWaiting();
            while (next != null && sockets < settings.maxSockets()) {
                waiting.remove(next);
                connect(next);
                next = nextWaiting();
            }
        } finally {
            connectingWaiting = false;
        }
    }

    private @Nullable Http1UpstreamConnection newestIdle() {
        while (!idle.isEmpty()) {
            Http1UpstreamConnection newest = idle.pop();
            if (newest.isAlive()) {
                return newest;
            }
        }
        return null;
    }

    private @Nullable Acquisition nextWaiting() {
        return waiting.isEmpty() ? null : waiting.iterator().next();
    }

    /** A connection ends because there was no memory for what its backend sent. */
    void outOfMemory() {
        admission.outOfMemory("backend " + backend);
    }
}
