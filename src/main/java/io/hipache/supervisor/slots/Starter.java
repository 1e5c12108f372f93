package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts workers in slots, and passes on what becomes of them. Confined to the {@link SupervisorThread}. */
final class Starter {
    private static final Logger log = LoggerFactory.getLogger(Starter.class);

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Launcher launcher;
    private final RunningWorker.Listener accessLog;
    private final Scheduler scheduler;
    private final LivingWorkers living;
    private final BooleanSupplier served;
    private final Events events;

    /** What becomes of a worker. Each arrives as one task on the {@link SupervisorThread}. */
    interface Events {
        void received(RunningWorker process, WorkerMessage message);

        /** The process is gone, although its last messages may still be unread. */
        void exited(SlotWorker worker);

        /** The process is gone, and all its messages are read. */
        void ended(SlotWorker worker, int code);

        /** The system could not start a process. */
        void notStarted(Slot slot, Generation generation, String why);
    }

    /** @param served whether workers serve, of this supervisor or of one that it takes over from */
    Starter(
            Launcher launcher,
            RunningWorker.Listener accessLog,
            Scheduler scheduler,
            LivingWorkers living,
            BooleanSupplier served,
            Events events) {
        this.launcher = launcher;
        this.accessLog = accessLog;
        this.scheduler = scheduler;
        this.living = living;
        this.served = served;
        this.events = events;
    }

    /** Starts a worker in each of these slots that needs one now. */
    void fill(List<Slot> wanted, Generation generation) {
        wanted.stream().filter(Slot::isVacant).forEach(slot -> {
            String loss = slot.loss();
            SlotWorker started = start(slot, generation);
            if (started != null && loss != null) {
                log.warn("{}, replaced by {}", loss, started);
            }
        });
    }

    /** Starts the next worker of a slot; null when that failed, which {@link Events#notStarted} then says. */
    @Nullable
    SlotWorker start(Slot slot, Generation generation) {
        try {
            RunningWorker process = launcher.launch(
                    slot.index(),
                    generation.config(),
                    served.getAsBoolean(),
                    new Inbox(scheduler, accessLog, events::received));
            SlotWorker worker = new SlotWorker(launcher, process, slot.index(), generation);
            living.add(worker);
            slot.starts(worker);
            process.exited().thenRun(() -> scheduler.run(() -> events.exited(worker)));
            process.ended().thenAccept(code -> scheduler.run(() -> events.ended(worker, code)));
            scheduler.later(START_TIMEOUT, () -> killUnlessReady(slot, worker));
            return worker;
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            Object hold = slot.holdBack();
            scheduler.run(() -> {
                slot.endHold(hold);
                events.notStarted(slot, generation, why);
            });
            return null;
        }
    }

    private static void killUnlessReady(Slot slot, SlotWorker worker) {
        if (slot.next() == worker && !worker.isReady()) {
            worker.failed("not ready after " + START_TIMEOUT.toSeconds() + " s");
            worker.process().kill();
        }
    }
}
