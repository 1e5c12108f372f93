package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.RunningWorker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every worker whose process lives: those that start, those in a slot and those that finish their requests. Asks those
 * that have been ready whether they still turn. Confined to the {@link SupervisorThread}.
 */
final class LivingWorkers {
    private final Map<RunningWorker, SlotWorker> workers = new LinkedHashMap<>();
    private final Scheduler scheduler;
    private final Consumer<SlotWorker> onHang;

    /** @param onHang told every worker that does not answer, once */
    LivingWorkers(Scheduler scheduler, Consumer<SlotWorker> onHang) {
        this.scheduler = scheduler;
        this.onHang = onHang;
    }

    void add(SlotWorker worker) {
        workers.put(worker.process(), worker);
    }

    void remove(SlotWorker worker) {
        workers.remove(worker.process());
    }

    @Nullable
    SlotWorker get(RunningWorker process) {
        return workers.get(process);
    }

    List<SlotWorker> all() {
        return List.copyOf(workers.values());
    }

    /** Begins to ask. */
    void startPings() {
        scheduler.later(Heartbeat.INTERVAL, () -> {
            all().forEach(this::ping);
            startPings();
        });
    }

    private void ping(SlotWorker worker) {
        if (!worker.isReady() || worker.isGone()) {
            return;
        }
        if (!worker.heartbeat().isOverdue()) {
            worker.process().send(new WorkerMessage.Ping(worker.heartbeat().next()));
        } else {
            onHang.accept(worker);
        }
    }
}
