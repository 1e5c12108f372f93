package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.SupervisorThread;

/** Receives the progress of all workers together. Called on the {@link SupervisorThread}. */
public interface LifecycleListener {
    /** For the first time, a worker accepts from every listening socket. */
    void served();

    /** For the first time, every slot has a ready worker, and each worker accepts from the sockets of its slot. */
    void complete();

    /** A reload has begun to replace the workers. {@link #reloaded} follows. */
    void reloading();

    /**
     * All workers have the same configuration again.
     *
     * @param config the new configuration, or the previous one when no worker could start with the new one
     */
    void reloaded(HipacheConfig config);

    /** The workers are being stopped. */
    void stopping();
}
