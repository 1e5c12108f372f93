package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.sockets.ListeningSocket;
import org.jspecify.annotations.Nullable;

/**
 * One configuration with its number, and how often no worker could start with it. Confined to the {@link SupervisorThread}.
 */
final class Generation {
    /** After so many failed starts, and no successful one of any configuration, the configuration counts as unusable. */
    private static final int FAILED_STARTS = 3;

    private final int number;
    private final HipacheConfig config;
    private int failedStarts;

    /** @param number another one for each generation of this supervisor */
    Generation(int number, HipacheConfig config) {
        this.number = number;
        this.config = config;
    }

    int number() {
        return number;
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

    /**
     * Records that a worker has ended before it was ready.
     *
     * @param reason the reason that the worker gave, null when it gave none
     * @return whether the configuration counts as unusable
     */
    boolean startFailed(@Nullable String reason) {
        failedStarts++;
        return reason != null || failedStarts >= FAILED_STARTS;
    }
}
