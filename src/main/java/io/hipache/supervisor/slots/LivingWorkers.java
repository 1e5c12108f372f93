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
 * All workers with a living process: those that start, those that serve and those that finish their last requests. Pings
 * the workers that have been ready. Confined to the {@link SupervisorThread}.
 */
final class LivingWorkers {
    private final Map<RunningWorker, SlotWorker> workers = new LinkedHashMap<>();
    private final Scheduler scheduler;
    private final Consumer<SlotWorker> onHang;

    /** @param onHang receives every worker that no longer answers its pings, once */
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

    /** Passes on what one worker has noticed. What a worker says too much is dropped. */
    void tellOthers(SlotWorker from, WorkerMessage.BackendDied died) {
        if (from.mayTellOfDeath()) {
            all().stream().filter(other -> other != from).forEach(other -> other.process()
                    .send(died));
        }
    }

    /** Pings all workers from now on, once in each {@link Heartbeat#INTERVAL}. */
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
