package io.hipache.upstream;

import io.hipache.routing.Backend;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one backend: the newest idle one first, then a new one, then a place in a queue. Open and
 * connecting ones together never exceed {@code maxSockets}. Confined to the event loop.
 */
final class BackendPool {
    private final Backend backend;
    private final UpstreamSettings settings;
    private final Opener opener;
    private final Consumer<Backend> whenEmpty;
    private final Deque<UpstreamConnection> idle = new ArrayDeque<>();
    private final Deque<Take> waiting = new ArrayDeque<>();
    /** Open or connecting, idle or not. */
    private int sockets;

    private boolean connectingWaiting;

    BackendPool(Backend backend, UpstreamSettings settings, Opener opener, Consumer<Backend> whenEmpty) {
        this.backend = backend;
        this.settings = settings;
        this.opener = opener;
        this.whenEmpty = whenEmpty;
    }

    /** Serves {@code take} now or when a socket is free. */
    void take(Take take) {
        UpstreamConnection newest = take.fresh() ? null : newestIdle();
        if (newest != null) {
            take.succeed(newest);
            return;
        }
        if (sockets < settings.maxSockets()) {
            connect(take);
            return;
        }
        waiting.add(take);
        if (!idle.isEmpty()) {
            // only for one that takes no idle connection: the oldest of them makes room
            idle.removeLast().discard();
        }
    }

    void giveBack(UpstreamConnection connection) {
        if (!settings.keepAlive() || !connection.isAlive()) {
            connection.discard();
            return;
        }
        Take next = nextWaiting();
        if (next == null) {
            connection.idleSince(System.nanoTime());
            idle.push(connection);
        } else if (next.accepts(connection)) {
            waiting.remove();
            next.succeed(connection);
        } else {
            // it keeps its place: a new connection follows when this one has ended
            connection.discard();
        }
    }

    /** A connection has ended, whoever ended it. */
    void closed(UpstreamConnection connection) {
        idle.remove(connection);
        socketFreed();
    }

    /** Ends what nobody has used since {@code nanos}, so that connections to removed backends go away. */
    void closeIdleSince(long nanos) {
        Iterator<UpstreamConnection> oldestFirst = idle.descendingIterator();
        while (oldestFirst.hasNext()) {
            UpstreamConnection oldest = oldestFirst.next();
            if (oldest.idleSinceNanos() - nanos > 0) {
                return;
            }
            oldestFirst.remove();
            oldest.discard();
        }
    }

    /** Tells those whose turn did not come in time. */
    void failOverdue(long nowNanos) {
        Take oldest = nextWaiting();
        while (oldest != null && oldest.deadlineNanos() - nowNanos <= 0) {
            waiting.remove();
            oldest.fail(new UpstreamFailure.NoFreeSocket());
            oldest = nextWaiting();
        }
    }

    /** Open or connecting, idle or not. */
    int sockets() {
        return sockets;
    }

    void close() {
        while (!idle.isEmpty()) {
            idle.pop().discard();
        }
    }

    private void connect(Take take) {
        sockets++;
        opener.open(backend, this, new Connector.Outcome() {
            @Override
            public void connected(UpstreamConnection connection) {
                if (take.over()) {
                    giveBack(connection);
                } else {
                    take.succeed(connection);
                }
            }

            @Override
            public void notConnected(UpstreamFailure failure) {
                socketFreed();
                if (!take.over()) {
                    take.fail(failure);
                }
            }
        });
    }

    /** One that is open or connecting, and not idle, is no more. */
    void socketFreed() {
        sockets--;
        connectWaiting();
        if (sockets == 0 && !connectingWaiting) {
            whenEmpty.accept(backend);
        }
    }

    /** A loop and no recursion, for connecting can fail at once, and for everyone who waits. */
    private void connectWaiting() {
        if (connectingWaiting) {
            return;
        }
        connectingWaiting = true;
        try {
            Take next = nextWaiting();
            while (next != null && sockets < settings.maxSockets()) {
                waiting.remove();
                connect(next);
                next = nextWaiting();
            }
        } finally {
            connectingWaiting = false;
        }
    }

    private @Nullable UpstreamConnection newestIdle() {
        while (!idle.isEmpty()) {
            UpstreamConnection newest = idle.pop();
            if (newest.isAlive()) {
                return newest;
            }
        }
        return null;
    }

    /** The head of the queue, without those who have gone. */
    private @Nullable Take nextWaiting() {
        Take next = waiting.peek();
        while (next != null && next.over()) {
            waiting.remove();
            next = waiting.peek();
        }
        return next;
    }
}
