package io.hipache.upstream;

import io.hipache.routing.Backend;

/** Opens connections for {@link BackendPool}: {@link Connector#connect}, or a test's. */
interface Opener {

    /** Opens one; {@code outcome} is told exactly once, perhaps before this returns. */
    void open(Backend backend, BackendPool pool, Connector.Outcome outcome);
}
