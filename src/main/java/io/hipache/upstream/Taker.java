package io.hipache.upstream;

/** Waits for a connection of {@link UpstreamPool}; one of both is called once, unless the {@link Take} is cancelled. */
public interface Taker {

    /** The connection is the callee's until it gives it back or discards it. */
    void taken(UpstreamConnection connection);

    void notTaken(UpstreamFailure failure);
}
