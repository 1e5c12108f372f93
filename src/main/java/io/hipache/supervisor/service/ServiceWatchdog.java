package io.hipache.supervisor.service;

import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * What systemd's {@code WatchdogSec} waits for. Given on the {@link SupervisorThread}, so that none is given when that
 * one hangs, and only while clients are served; after too long without, systemd starts the whole program anew.
 */
public final class ServiceWatchdog {
    private final ServiceNotifier notifier;
    private final SupervisorThread thread;
    private final BooleanSupplier serving;

    /** @param serving asked on the thread */
    public ServiceWatchdog(ServiceNotifier notifier, SupervisorThread thread, BooleanSupplier serving) {
        this.notifier = notifier;
        this.thread = thread;
        this.serving = serving;
    }

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
