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
    private final Connector connector;
    private final Consumer<Backend> whenEmpty;
    private final Deque<UpstreamConnection> idle = new ArrayDeque<>();
    private final Deque<Take> waiting = new ArrayDeque<>();
    /** Open or connecting, idle or not. */
    private int sockets;

    BackendPool(Backend backend, UpstreamSettings settings, Connector connector, Consumer<Backend> whenEmpty) {
        this.backend = backend;
        this.settings = settings;
        this.connector = connector;
        this.whenEmpty = whenEmpty;
    }

    /** Serves {@code take} now or when a socket is free; {@code fresh} when no idle connection will do. */
    void take(Take take, boolean fresh) {
        UpstreamConnection newest = fresh ? null : newestIdle();
        if (newest != null) {
            take.succeed(newest);
            return;
        }
        if (fresh && sockets >= settings.maxSockets()) {
            makeRoom();
        }
        if (sockets < settings.maxSockets()) {
            connect(take);
        } else {
            waiting.add(take);
        }
    }

    void giveBack(UpstreamConnection connection) {
        if (!settings.keepAlive() || !connection.isAlive()) {
            connection.discard();
            return;
        }
        Take next = nextWaiting();
        if (next != null) {
            next.succeed(connection);
            return;
        }
        connection.idleSince(System.nanoTime());
        idle.push(connection);
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
        while (!waiting.isEmpty()) {
            Take oldest = waiting.peek();
            if (!oldest.over() && oldest.deadlineNanos() - nowNanos > 0) {
                return;
            }
            waiting.remove();
            if (!oldest.over()) {
                oldest.fail(new UpstreamFailure.NoFreeSocket());
            }
        }
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    boolean hasIdle() {
        return !idle.isEmpty();
    }

    void close() {
        while (!idle.isEmpty()) {
            idle.pop().discard();
        }
    }

    private void connect(Take take) {
        sockets++;
        connector.connect(backend, this, new Connector.Outcome() {
            @Override
            public void connected(UpstreamConnection connection) {
                if (take.over()) {
                    giveBack(connection);
                } else {
                    take.succeed(connection);
                }
            }

            @Override
            public void notConnected(String cause) {
                socketFreed();
                if (!take.over()) {
                    take.fail(new UpstreamFailure.NotConnected(cause));
                }
            }
        });
    }

    private void socketFreed() {
        sockets--;
        Take next = nextWaiting();
        if (next != null) {
            connect(next);
        } else if (sockets == 0) {
            whenEmpty.accept(backend);
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

    private @Nullable Take nextWaiting() {
        while (!waiting.isEmpty()) {
            Take next = waiting.remove();
            if (!next.over()) {
                return next;
            }
        }
        return null;
    }

    private void makeRoom() {
        if (!idle.isEmpty()) {
            idle.pollLast().discard();
        }
    }
}
