package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Workers that were still starting when the others began to follow a newer configuration. Each catches up alone: it prepares
 * the configuration and follows it. A worker that cannot is replaced. Confined to the {@link SupervisorThread}.
 */
final class LateWorkers {
    private final Map<SlotWorker, Preparation> catchingUp = new HashMap<>();
    private final Scheduler scheduler;
    private final Runnable onTimeout;

    /** @param onTimeout runs when a worker has not answered in time: {@link #advance} then has the next step */
    LateWorkers(Scheduler scheduler, Runnable onTimeout) {
        this.scheduler = scheduler;
        this.onTimeout = onTimeout;
    }

    void received(SlotWorker worker, WorkerMessage message) {
        Preparation preparation = catchingUp.get(worker);
        if (preparation != null) {
            preparation.received(worker, message);
        }
    }

    /** A newer configuration is being prepared, and takes the place of what these workers prepare. */
    void forgetAll() {
        catchingUp.clear();
    }

    /** Has every worker that follows an older configuration than {@code newest} catch up. */
    void advance(List<SlotWorker> serving, Generation newest) {
        catchingUp.keySet().retainAll(serving);
        for (SlotWorker worker : serving) {
            if (!worker.isTold(newest) && worker.replacementReason() == null) {
                catchUp(worker, newest);
            }
        }
    }

    private void catchUp(SlotWorker worker, Generation newest) {
        Preparation preparation =
                catchingUp.computeIfAbsent(worker, late -> new Preparation(newest, scheduler, onTimeout));
        preparation.ask(worker);
        String problem = preparation.problem();
        if (problem != null) {
            preparation.discard();
            worker.asksForReplacement(problem);
        } else if (preparation.isComplete()) {
            preparation.switchAll();
        } else {
            return;
        }
        catchingUp.remove(worker);
    }
}
