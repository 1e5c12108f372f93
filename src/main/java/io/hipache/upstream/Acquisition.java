package io.hipache.upstream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request for a connection, from the call until its acquirer was told or has lost interest. From then on it holds on to
 * nothing of the acquirer.
 */
public final class Acquisition {

    /** Waits for a connection. One of the methods is called once, unless the acquisition is cancelled. */
    public interface Acquirer {
        /**
         * There is a connection. It is the callee's until the callee gives it back or discards it.
         *
         * @param connectNanos how long connecting took, 0 for a connection that was open already
         */
        void acquired(UpstreamExchange upstream, long connectNanos);

        void notAcquired(UpstreamFailure failure);

        /** The request waited, and another backend has a socket free now. */
        void freeElsewhere();
    }

    private final boolean fresh;
    private final boolean upgrade;
    private final long deadlineNanos;
    /** Null once the acquirer was told or has gone. */
    private @Nullable Acquirer acquirer;

    private @Nullable BackendPool pool;
    /** The pools of other backends that would do as well. */
    private List<BackendPool> watched = List.of();

    /**
     * @param fresh whether the connection must be one that has not served before
     * @param upgrade whether the connection may become a tunnel
     */
    Acquisition(Acquirer acquirer, boolean fresh, boolean upgrade, long deadlineNanos) {
        this.acquirer = acquirer;
        this.fresh = fresh;
        this.upgrade = upgrade;
        this.deadlineNanos = deadlineNanos;
    }

    /** The acquirer has gone and is not called any more. Its place in the queue is free at once. */
    public void cancel() {
        if (acquirer != null) {
            leaveQueue();
            end();
        }
    }

    /** Sends the request that waits to look for another backend. */
    void goElsewhere() {
        leaveQueue();
        end().freeElsewhere();
    }

    private void leaveQueue() {
        if (pool != null) {
            pool.leave(this);
        }
    }

    /** While the request waits, these pools call {@link #goElsewhere} when they have a socket free. */
    void watch(List<BackendPool> others) {
        watched = others;
        watched.forEach(other -> other.addWatching(this));
    }

    /** It was handed to this pool, which hears of a cancellation. */
    void handedTo(BackendPool asked) {
        pool = asked;
    }

    boolean isOver() {
        return acquirer == null;
    }

    /** Whether this connection will do. */
    boolean accepts(Http1UpstreamConnection connection) {
        return !fresh || !connection.isReused();
    }

    /** Whether the connection must be one that has not served before. */
    boolean fresh() {
        return fresh;
    }

    /** Whether the connection may become a tunnel. */
    boolean upgrade() {
        return upgrade;
    }

    /** When waiting in a queue stops, in the terms of {@link System#nanoTime}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    void succeed(Http1UpstreamConnection connection, long connectNanos) {
        end().acquired(connection, connectNanos);
    }

    void fail(UpstreamFailure failure) {
        end().notAcquired(failure);
    }

    private Acquirer end() {
        Acquirer told = acquirer;
        if (told == null) {
            throw new IllegalStateException("an acquisition ended twice");
        }
        acquirer = null;
        List<BackendPool> others = watched;
        watched = List.of();
        others.forEach(other -> other.removeWatching(this));
        return told;
    }
}
