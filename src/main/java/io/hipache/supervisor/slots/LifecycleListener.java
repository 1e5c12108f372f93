package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;

/** Receives the progress of all workers together. Called on the {@link SupervisorThread}. */
public interface LifecycleListener {
    /** For the first time, a worker accepts from every listening socket. */
    void served();

    /** For the first time, every slot has a ready worker, and each worker accepts from the sockets of its slot. */
    void complete();

    /** The workers are being stopped. */
    void stopping();
}
