package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.SupervisorThread;

/** What a whole supervisor passes through, for those who wait for it. Told on the {@link SupervisorThread}. */
public interface LifecycleListener {
    /** Somebody accepts from every listening socket, for the first time. */
    void served();

    /** Every slot has a worker of its own, and each accepts from its sockets, for the first time. */
    void complete();

    /** Workers are replaced because of another configuration; {@link #reloaded} follows. */
    void reloading();

    /**
     * Every worker runs by one configuration again.
     *
     * @param config the new one, or the one before when no worker could start with the new one
     */
    void reloaded(HipacheConfig config);

    /** The end has begun. */
    void stopping();
}
