package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;

/** Tells the listener of each step of the start, once. Confined to the {@link SupervisorThread}. */
final class Progress {
    private final LifecycleListener listener;
    private boolean ready;
    private boolean served;
    private boolean complete;

    Progress(LifecycleListener listener) {
        this.listener = listener;
    }

    /** Whether any worker has ever been ready. */
    boolean isReady() {
        return ready;
    }

    boolean isComplete() {
        return complete;
    }

    void becameReady() {
        ready = true;
    }

    /**
     * Records the present state.
     *
     * @param accepting whether a worker accepts from every listening socket
     * @param inPlace whether every slot has a worker that does so from the sockets of its slot
     */
    void update(boolean accepting, boolean inPlace) {
        if (accepting && !served) {
            served = true;
            listener.served();
        }
        if (inPlace && !complete) {
            complete = true;
            listener.complete();
        }
    }
}
