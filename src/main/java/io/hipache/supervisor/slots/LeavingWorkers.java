package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.messages.Quantity;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.sockets.SocketDealer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers that have been replaced, or whose slot was removed, oldest first. Each serves until others have its sockets, then
 * it finishes its last requests. Confined to the {@link SupervisorThread}.
 */
final class LeavingWorkers {
    private static final Logger log = LoggerFactory.getLogger(LeavingWorkers.class);

    /**
     * Behind a worker that leaves, its clients connect to the others. Where the next process started in the same moment, all
     * requests waited for up to 200 ms on a machine whose processors were busy.
     */
    static final Duration SETTLING = Duration.ofSeconds(1);

    private final Set<SlotWorker> leaving = new LinkedHashSet<>();
    private final Set<SlotWorker> ending = new LinkedHashSet<>();
    private final Scheduler scheduler;
    private final Runnable onSettled;
    private int settling;

    /** @param onSettled runs when {@link #isAnySettling} may have changed to false */
    LeavingWorkers(Scheduler scheduler, Runnable onSettled) {
        this.scheduler = scheduler;
        this.onSettled = onSettled;
    }

    void add(SlotWorker worker) {
        leaving.add(worker);
    }

    /** Returns whether the worker was one of these. */
    boolean remove(SlotWorker worker) {
        ending.remove(worker);
        return leaving.remove(worker);
    }

    /** Whether any of them still accepts, because nobody else has its sockets yet. */
    boolean isAnyServing() {
        return leaving.stream().anyMatch(LeavingWorkers::isStillServing);
    }

    /** Whether the clients of one that has just been retired may still be on their way to others. */
    boolean isAnySettling() {
        return settling > 0;
    }

    private static boolean isStillServing(SlotWorker worker) {
        return !worker.isRetired() && !worker.isGone();
    }

    /** Puts the worker of a vacant slot back that still serves, because its replacement is gone. Returns whether there is one. */
    boolean takeBack(Slot slot) {
        for (SlotWorker worker : leaving) {
            if (slot.current() == null && worker.slot() == slot.index() && isStillServing(worker)) {
                leaving.remove(worker);
                slot.reinstall(worker);
                return true;
            }
        }
        return false;
    }

    /** Retires those whose sockets others have. */
    void retireRelieved(SocketDealer dealer) {
        for (SlotWorker worker : leaving) {
            if (isStillServing(worker) && dealer.isRelieved(worker)) {
                worker.retire();
                settling++;
                scheduler.later(SETTLING, () -> {
                    settling--;
                    onSettled.run();
                });
            }
        }
    }

    /**
     * Whether a replacement may start beside these. When there are too many, the oldest are ended first, so that all workers
     * together need the memory of two generations at most.
     *
     * @param most how many workers there may be beyond those that serve
     */
    boolean haveRoom(int most) {
        int surplus = leaving.size() + 1 - most;
        List<SlotWorker> oldest = new ArrayList<>(leaving);
        for (SlotWorker worker : oldest.subList(0, Math.max(0, Math.min(surplus, oldest.size())))) {
            if (ending.add(worker)) {
                log.warn(
                        "{} is still finishing its last requests, and is ended to make room: at most {} may be "
                                + "leaving or starting as replacements at a time (server.workers)",
                        worker,
                        Quantity.of(most, "worker", "workers"));
                end(worker);
            }
        }
        return surplus <= 0;
    }

    /** Ends a worker that was leaving: its requests have the time of a stop, tunnels are cut off. */
    private void end(SlotWorker worker) {
        worker.process().send(new WorkerMessage.Stop());
        Duration most = worker.generation().config().server().stopTimeout().plus(Shutdown.MARGIN);
        scheduler.later(most, () -> {
            if (leaving.contains(worker)) {
                log.warn("{} has not ended in time and is killed", worker);
                worker.process().kill();
            }
        });
    }
}
