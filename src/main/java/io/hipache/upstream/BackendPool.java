package io.hipache.upstream;

import io.hipache.admission.Admission;
import io.hipache.routing.Backend;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one backend. A request gets the newest idle connection, else a new one, else a place in a queue. Open
 * and connecting connections together never exceed {@code maxSockets}. Confined to the event loop.
 */
final class BackendPool {

    /** Opens connections: {@link Connector#connect}, or a test's. */
    interface Opener {
        /** Opens one; {@code callback} is told exactly once, perhaps before this returns. */
        void open(Backend backend, BackendPool pool, Connector.Callback callback);
    }

    private final Backend backend;
    private final UpstreamSettings settings;
    private final Admission admission;
    private final Opener opener;
    private final Consumer<Backend> whenEmpty;
    private final Deque<Http1UpstreamConnection> idle = new ArrayDeque<>();
    /** Those on which a client is logged in that sends nothing just now; the newest first. */
    private final Deque<Http1UpstreamConnection> kept = new ArrayDeque<>();

    private final Deque<Acquisition> waiting = new ArrayDeque<>();
    /** Open or connecting, idle or not. */
    private int sockets;
    /** Grows with each piece of an answer that arrives on any connection. */
    private long answers;

    private boolean connectingWaiting;

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
        Http1UpstreamConnection newest = acquisition.fresh() ? null : newestIdle();
        if (newest != null) {
            acquisition.succeed(newest, 0);
            return;
        }
        if (sockets < settings.maxSockets()) {
            connect(acquisition);
            return;
        }
        if (!admission.admitsWaiting(waiting.size())) {
            acquisition.fail(new UpstreamFailure.NoFreeSocket());
            return;
        }
        waiting.add(acquisition);
        if (!idle.isEmpty()) {
            // this request wants a fresh connection: the oldest idle one makes room
            idle.removeLast().discard();
        } else if (!kept.isEmpty()) {
            // its client can log in again
            kept.removeLast().discard();
        }
    }

    /** A connection waits for the next request of the only client that it is for. */
    void kept(Http1UpstreamConnection connection) {
        if (nextWaiting() != null) {
            connection.discard();
        } else {
            kept.push(connection);
        }
    }

    /** A connection that was kept is used again; false when it was closed meanwhile. */
    boolean resumed(Http1UpstreamConnection connection) {
        return kept.remove(connection);
    }

    void giveBack(Http1UpstreamConnection connection) {
        if (!settings.keepAlive() || !connection.isAlive()) {
            connection.discard();
            return;
        }
        Acquisition next = nextWaiting();
        if (next == null) {
            connection.idleSince(System.nanoTime());
            idle.push(connection);
        } else if (next.accepts(connection)) {
            waiting.remove();
            next.succeed(connection, 0);
        } else {
            // the request keeps its place: a new connection follows when this one has ended
            connection.discard();
        }
    }

    /** A connection has ended, whoever ended it. */
    void closed(Http1UpstreamConnection connection) {
        idle.remove(connection);
        kept.remove(connection);
        socketFreed();
    }

    /** Closes the connections that are idle since {@code nanos}, so that those to removed backends go away. */
    void closeIdleSince(long nanos) {
        Iterator<Http1UpstreamConnection> oldestFirst = idle.descendingIterator();
        while (oldestFirst.hasNext()) {
            Http1UpstreamConnection oldest = oldestFirst.next();
            if (oldest.idleSinceNanos() - nanos > 0) {
                return;
            }
            oldestFirst.remove();
            oldest.discard();
        }
    }

    /** Fails the requests that have waited for too long. */
    void failOverdue(long nowNanos) {
        Acquisition oldest = nextWaiting();
        while (oldest != null && oldest.deadlineNanos() - nowNanos <= 0) {
            waiting.remove();
            oldest.fail(new UpstreamFailure.NoFreeSocket());
            oldest = nextWaiting();
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

    void answerArrived() {
        answers++;
    }

    /** A number that changes whenever a piece of an answer arrives on any connection; interim answers do not count. */
    long answers() {
        return answers;
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
        sockets++;
        long began = System.nanoTime();
        opener.open(backend, this, new Connector.Callback() {
            @Override
            public void connected(Http1UpstreamConnection connection) {
                if (acquisition.isOver()) {
                    giveBack(connection);
                } else {
                    acquisition.succeed(connection, System.nanoTime() - began);
                }
            }

            @Override
            public void notConnected(UpstreamFailure failure) {
                socketFreed();
                if (!acquisition.isOver()) {
                    acquisition.fail(failure);
                }
            }
        });
    }

    /** A connection that was open or connecting, and not idle, has ended. */
    void socketFreed() {
        sockets--;
        connectWaiting();
        if (sockets == 0 && !connectingWaiting) {
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
                waiting.remove();
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

    /** The first in the queue that still wants a connection. */
    private @Nullable Acquisition nextWaiting() {
        Acquisition next = waiting.peek();
        while (next != null && next.isOver()) {
            waiting.remove();
            next = waiting.peek();
        }
        return next;
    }

    /** A connection ends because there was no memory for what its backend sent. */
    void outOfMemory() {
        admission.outOfMemory(backend);
    }
}
