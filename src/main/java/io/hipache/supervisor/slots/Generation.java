package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.sockets.ListeningSocket;
import org.jspecify.annotations.Nullable;

/** One configuration, and whether any worker has started with it. Confined to the {@link SupervisorThread}. */
final class Generation {
    /** After so many failed starts and no successful one, the configuration counts as unusable. */
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
     * Records that a worker has ended before it was ready.
     *
     * @param reason the reason that the worker gave, null when it gave none
     * @return whether the configuration counts as unusable
     */
    boolean startFailed(@Nullable String reason) {
        failedStarts++;
        return !proven && (reason != null || failedStarts >= FAILED_STARTS);
    }
}
