package io.hipache.supervisor.service;

import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Sends the keep-alive messages that systemd's {@code WatchdogSec} waits for. They are sent on the
 * {@link SupervisorThread}, so that they stop when that thread hangs, and only while clients are served. When they stop for
 * too long, systemd restarts the whole program.
 */
public final class ServiceWatchdog {
    private final ServiceNotifier notifier;
    private final SupervisorThread thread;
    private final BooleanSupplier serving;

    /** @param serving called on {@code thread} before each message */
    public ServiceWatchdog(ServiceNotifier notifier, SupervisorThread thread, BooleanSupplier serving) {
        this.notifier = notifier;
        this.thread = thread;
        this.serving = serving;
    }

    /** Sends the first message after one interval. Does nothing without a watchdog. */
    public void start() {
        Duration interval = notifier.aliveInterval();
        if (!interval.isZero()) {
            thread.later(interval, () -> {
                if (serving.getAsBoolean()) {
                    notifier.alive();
                }
                start();
            });
        }
    }
}
