package io.hipache.upstream;

/** One request for a connection, from the call until its taker was told or has lost interest. */
public final class Take {
    private final Taker taker;
    private final boolean fresh;
    private final long deadlineNanos;
    private boolean over;

    Take(Taker taker, boolean fresh, long deadlineNanos) {
        this.taker = taker;
        this.fresh = fresh;
        this.deadlineNanos = deadlineNanos;
    }

    /** The taker has gone; it is not called any more. */
    public void cancel() {
        over = true;
    }

    boolean over() {
        return over;
    }

    /** Whether this connection will do. */
    boolean accepts(UpstreamConnection connection) {
        return !fresh || !connection.isReused();
    }

    boolean fresh() {
        return fresh;
    }

    /** When waiting in a queue stops, in the terms of {@link System#nanoTime}. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    void succeed(UpstreamConnection connection) {
        over = true;
        taker.taken(connection);
    }

    void fail(UpstreamFailure failure) {
        over = true;
        taker.notTaken(failure);
    }
}
