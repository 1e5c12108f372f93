package io.hipache.supervisor;

import io.hipache.link.ProcessSignals;
import io.hipache.supervisor.common.Asker;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.upgrade.Successors;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each signal to the supervisor does. */
final class SupervisorSignals {
    private static final Logger log = LoggerFactory.getLogger(SupervisorSignals.class);

    private static final long ECHO_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SupervisorThread thread;
    private final WorkerSlots slots;
    private final Reload reload;
    private final Successors successors;

    SupervisorSignals(SupervisorThread thread, WorkerSlots slots, Reload reload, Successors successors) {
        this.thread = thread;
        this.slots = slots;
        this.reload = reload;
        this.successors = successors;
    }

    void handle() {
        AtomicLong first = new AtomicLong();
        for (String signal : List.of("TERM", "INT")) {
            ProcessSignals.handle(signal, () -> stop(signal, first));
        }
        ProcessSignals.handle("HUP", () -> thread.run(() -> reload.run(Asker.SIGNAL)));
        ProcessSignals.handle("USR1", () -> thread.run(successors::reopenLogs));
        // without a handler, Java 17 takes SIGUSR2 for one of its own signals and crashes
        ProcessSignals.handle("USR2", () -> thread.run(() -> successors.startUpgrade(Asker.SIGNAL)));
        // not SIGINT: whoever starts a program in the background does not want to end it by Ctrl-C
        for (String signal : ProcessSignals.ignored(List.of("TERM", "HUP", "USR1", "USR2"))) {
            log.warn(
                    "SIG{} does nothing, because whoever started Hipache has it ignored (nohup does so with SIGHUP); to be "
                            + "able to {}, start Hipache by a service manager, or by setsid instead of nohup",
                    signal,
                    purpose(signal));
        }
    }

    /**
     * The first signal stops, the second one ends at once. One that follows at once is the first one's echo: a Ctrl-C, a service
     * manager and a script may each signal the whole group.
     */
    private void stop(String signal, AtomicLong first) {
        long now = System.nanoTime();
        if (first.compareAndSet(0, now)) {
            log.info("SIG{}: stopping", signal);
            thread.run(successors::stop);
        } else if (now - first.get() < ECHO_NANOS) {
            log.info("SIG{}: stopping already; the same signal more than a second later ends at once", signal);
        } else {
            log.info("SIG{}: ending at once", signal);
            thread.run(slots::killAll);
        }
    }

    private static String purpose(String signal) {
        return switch (signal) {
            case "TERM" -> "stop it";
            case "HUP" -> "reload the configuration";
            case "USR1" -> "reopen the log files";
            default -> "upgrade it in place";
        };
    }
}
