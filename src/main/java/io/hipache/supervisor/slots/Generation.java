package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.sockets.ListeningSocket;
import org.jspecify.annotations.Nullable;

/** One configuration that workers run by, and whether one of them ever could. Confined to the {@link SupervisorThread}. */
final class Generation {
    /** So many failed starts, with none that ever succeeded, are no accident. */
    private static final int FAILED_STARTS = 3;

    private final HipacheConfig config;
    private boolean proven;
    private int failedStarts;

    Generation(HipacheConfig config) {
        this.config = config;
    }

    HipacheConfig config() {
        return config;
    }

    int workers() {
        return config.server().workers();
    }

    boolean knows(ListeningSocket socket) {
        return socket.indexIn(config.listeners()) >= 0;
    }

    void startSucceeded() {
        proven = true;
    }

    /**
     * Takes note of a worker that never was ready.
     *
     * @param reason as the worker said, null when it just died
     * @return whether there is no hope that another one would be
     */
    boolean startFailed(@Nullable String reason) {
        failedStarts++;
        return !proven && (reason != null || failedStarts >= FAILED_STARTS);
    }
}
