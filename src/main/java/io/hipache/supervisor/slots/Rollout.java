package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.sockets.ListeningSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One reload on its way to all workers. The living workers prepare the configuration. If a key has changed that only a new
 * process can follow, one new process is tried. Then all workers follow the configuration at once. If anything fails before
 * that, nothing has changed. After that the remaining processes are replaced one by one, until one cannot be. Confined to the {@link SupervisorThread}.
 */
final class Rollout {
    /** What is due before the switch. */
    enum Step {
        /** Nothing, until a worker answers, dies, or is late. */
        WAIT,
        /** All workers can follow the configuration. */
        SWITCH,
        /** All workers have to forget the configuration. */
        DISCARD
    }

    private final Generation wanted;
    private final ReloadListener listener;
    private final Preparation preparation;
    private final List<String> keys = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable SlotWorker trial;
    private boolean switched;
    private int replaced;

    /** @param onTimeout runs when a worker has not answered in time: {@link #advance} then has the next step */
    Rollout(Generation wanted, Scheduler scheduler, Runnable onTimeout, ReloadListener listener) {
        this.wanted = wanted;
        this.listener = listener;
        this.preparation = new Preparation(wanted, scheduler, onTimeout);
    }

    Generation wanted() {
        return wanted;
    }

    void received(SlotWorker worker, WorkerMessage message) {
        preparation.received(worker, message);
    }

    void died(SlotWorker worker) {
        preparation.died(worker);
    }

    /**
     * Has every living worker prepare the configuration, and one new process try it where one is needed.
     *
     * @param most how many workers there may be beyond those that serve
     */
    Step advance(Slots slots, Replacements replacements, int most) {
        slots.serving().forEach(this::include);
        if (!problems.isEmpty() || preparation.problem() != null) {
            return Step.DISCARD;
        }
        if (!preparation.isComplete()) {
            return Step.WAIT;
        }
        if (slots.serving().stream().allMatch(this::canFollowInFull)) {
            return Step.SWITCH;
        }
        if (trial == null) {
            trial = replacements.startTrial(wanted, most);
        }
        return trial != null && trial.isReady() && !trial.isGone() ? Step.SWITCH : Step.WAIT;
    }

    private void include(SlotWorker worker) {
        preparation.ask(worker);
        worker.keysThatNeedAnotherProcess(wanted).stream()
                .filter(key -> !keys.contains(key))
                .forEach(keys::add);
    }

    /** Whether workers that cannot follow the configuration in full are being replaced. */
    boolean isReplacing() {
        return switched && problems.isEmpty();
    }

    boolean hasSwitched() {
        return switched;
    }

    /** The first process with the configuration, which serves nobody before the switch; null when there is none. */
    @Nullable
    SlotWorker trial() {
        return trial;
    }

    /** Has all workers follow the configuration, and closes the sockets of addresses that are gone. */
    void switchAll(Slots slots, Launcher launcher) {
        switched = true;
        preparation.switchAll();
        slots.startAfresh(wanted);
        // the workers themselves drain what they hold of these
        List<ListeningSocket> gone = new ArrayList<>(launcher.sockets());
        gone.removeIf(wanted::knows);
        launcher.close(gone);
        listener.switched();
    }

    /** Another process took the place of this worker. */
    void replaced(SlotWorker before) {
        preparation.leaves(before);
        if (!canFollowInFull(before)) {
            replaced++;
        }
    }

    /** A new process with the configuration does not serve: before the switch all is discarded, later the rest stays. */
    void failed(String why) {
        problems.add(why);
    }

    /** @param inPlace whether every slot has a worker that follows the configuration */
    boolean isOver(Slots slots, boolean inPlace) {
        if (!switched) {
            return false;
        }
        return !problems.isEmpty() || (inPlace && slots.serving().stream().allMatch(this::canFollowInFull));
    }

    private boolean canFollowInFull(SlotWorker worker) {
        return worker.keysThatNeedAnotherProcess(wanted).isEmpty();
    }

    /** Reports the end. Before the switch, has all workers forget the configuration. */
    void end(Slots slots) {
        String problem = preparation.problem();
        if (!switched) {
            preparation.discard();
            if (problem != null) {
                problems.add(0, problem);
            }
            if (trial != null) {
                slots.abandon(trial);
            }
        }
        listener.ended(new ReloadEnd(switched, problems, replaced, keys, preparation.storeProblem()));
    }
}
