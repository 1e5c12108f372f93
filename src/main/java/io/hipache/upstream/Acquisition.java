package io.hipache.upstream;

/** One request for a connection, from the call until its acquirer was told or has lost interest. */
public final class Acquisition {

    /** Waits for a connection. One of both methods is called once, unless the acquisition is cancelled. */
    public interface Acquirer {
        /**
         * There is a connection. It is the callee's until the callee gives it back or discards it.
         *
         * @param connectNanos how long connecting took, 0 for a connection that was open already
         */
        void acquired(UpstreamExchange upstream, long connectNanos);

        void notAcquired(UpstreamFailure failure);
    }

    private final Acquirer acquirer;
    private final boolean fresh;
    private final long deadlineNanos;
    private boolean over;

    Acquisition(Acquirer acquirer, boolean fresh, long deadlineNanos) {
        this.acquirer = acquirer;
        this.fresh = fresh;
        this.deadlineNanos = deadlineNanos;
    }

    /** The acquirer has gone and is not called any more. */
    public void cancel() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** Whether this connection will do. */
    boolean accepts(Http1UpstreamConnection connection) {
        return !fresh || !connection.isReused();
    }

    /** Whether the connection must be one that has not served before. */
    boolean fresh() {
        return fresh;
    }

    /** When waiting in a queue stops, in the terms of {@link System#nanoTime}. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    void succeed(Http1UpstreamConnection connection, long connectNanos) {
        over = true;
        acquirer.acquired(connection, connectNanos);
    }

    void fail(UpstreamFailure failure) {
        over = true;
        acquirer.notAcquired(failure);
    }
}
