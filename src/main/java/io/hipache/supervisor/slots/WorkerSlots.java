package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.sockets.SocketDealer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one worker that follows the configuration in force in every slot, until it is stopped. Every event is recorded first.
 * Then {@link #reconcile} compares the actual workers with the wanted ones, and takes the next steps. Confined to the
 * {@link SupervisorThread}, where every event of a worker arrives as one call.
 */
public final class WorkerSlots {
    private static final Logger log = LoggerFactory.getLogger(WorkerSlots.class);

    private final Launcher launcher;
    private final Restarts restarts;
    private final Scheduler scheduler;
    private final LifecycleListener listener;
    private final LivingWorkers living;
    private final SocketDealer dealer = new SocketDealer();
    private final Slots slots = new Slots();
    private final LeavingWorkers leaving;
    private final LateWorkers late;
    private final Starter starter;
    private final Replacements replacements;
    private final Shutdown shutdown;
    private final Progress progress;
    private final boolean besideOther;
    private final @Nullable Consumer<String> storeGate;
    /** The configuration in force. */
    private Generation newest;
    /** The reload under way. */
    private @Nullable Rollout rollout;

    private int lastNumber;

    /**
     * Starts nothing yet.
     *
     * @param accessLog receives access-log lines, and what workers know, on the thread that reads from the worker
     * @param besideOther whether another supervisor serves until this one is complete
     * @param storeGate receives the reason when a worker of a new supervisor cannot use its store, and is not let in; null
     *     when the first workers need no store
     */
    public WorkerSlots(
            HipacheConfig config,
            Launcher launcher,
            RunningWorker.Listener accessLog,
            RestartPolicy policy,
            Scheduler scheduler,
            LifecycleListener listener,
            boolean besideOther,
            @Nullable Consumer<String> storeGate) {
        this.newest = new Generation(++lastNumber, config);
        this.launcher = launcher;
        this.restarts = new Restarts(policy, scheduler, this::reconcile);
        this.scheduler = scheduler;
        this.listener = listener;
        this.progress = new Progress(listener);
        this.living = new LivingWorkers(scheduler, this::hung);
        this.leaving = new LeavingWorkers(scheduler, this::reconcile);
        this.late = new LateWorkers(scheduler, this::reconcile);
        this.shutdown = new Shutdown(launcher, dealer, living, scheduler);
        this.besideOther = besideOther;
        this.storeGate = storeGate;
        this.starter = new Starter(launcher, accessLog, scheduler, living, this::isServed, new Events());
        this.replacements = new Replacements(slots, leaving, starter, restarts);
    }

    /** Completes when no worker is left after a stop. */
    public CompletableFuture<Integer> exitCode() {
        return shutdown.exitCode();
    }

    /** Whether a worker serves, or a shutdown is under way. */
    public boolean isServing() {
        return shutdown.hasBegun() || !slots.serving().isEmpty();
    }

    private boolean isServed() {
        return !slots.serving().isEmpty() || (besideOther && !progress.isComplete());
    }

    public void startAll() {
        living.startPings();
        reconcile();
    }

    /** The configuration that the workers follow, and that new workers start with. */
    public HipacheConfig inForce() {
        return newest.config();
    }

    /** Whether the store can be used, as far as the workers that serve know. */
    public boolean isStoreUsable() {
        return slots.isStoreUsable();
    }

    /** Whether a reload has begun and nothing has changed yet. */
    public boolean isPreparing() {
        return rollout != null && !rollout.hasSwitched();
    }

    /**
     * Has the workers follow another configuration, whose sockets must be bound already. Only when the last reload has ended.
     */
    public void reload(HipacheConfig config, ReloadListener reloadListener) {
        if (rollout != null || shutdown.hasBegun()) {
            throw new IllegalStateException("a reload is under way, or the workers are ending");
        }
        late.forgetAll();
        rollout = new Rollout(new Generation(++lastNumber, config), scheduler, this::reconcile, reloadListener);
        reconcile();
    }

    public void sendToAll(WorkerMessage message) {
        living.all().forEach(worker -> worker.process().send(message));
    }

    /** Call this when listening sockets were added. */
    public void socketsAdded() {
        reconcile();
    }

    /**
     * The workers of another supervisor accept from every socket: closes the sockets here, lets all workers finish their
     * requests within their graceful wait, then completes {@link #exitCode}. {@link #stopAll} can shorten that.
     */
    public void retireAll() {
        endReload("another supervisor has taken over");
        shutdown.retire();
    }

    /** Whether a stop or the retirement of all workers is under way. */
    public boolean isEnding() {
        return shutdown.hasBegun();
    }

    /**
     * Lets all workers finish their requests, kills those that take longer than {@code timeout}, then completes
     * {@link #exitCode}.
     */
    public void stopAll(int code, Duration timeout) {
        if (!shutdown.hasBegun()) {
            listener.stopping();
        }
        endReload("the program was told to stop");
        shutdown.stop(code, timeout);
    }

    /** Kills all workers at once. The exit code is 1. */
    public void killAll() {
        endReload("the program was told to end at once");
        shutdown.killAll();
    }

    private void endReload(String why) {
        Rollout ended = rollout;
        if (ended != null) {
            ended.failed(why);
            endReload(ended);
        }
    }

    // events

    private final class Events implements Starter.Events {
        @Override
        public void received(RunningWorker process, WorkerMessage message) {
            SlotWorker worker = living.get(process);
            if (worker != null && !worker.isGone()) {
                WorkerSlots.this.received(worker, message);
            }
        }

        @Override
        public void exited(SlotWorker worker) {
            WorkerSlots.this.exited(worker);
        }

        @Override
        public void ended(SlotWorker worker, int code) {
            WorkerSlots.this.ended(worker, code);
        }

        @Override
        public void notStarted(Slot slot, Generation generation, String why) {
            WorkerSlots.this.notStarted(slot, generation, why);
        }
    }

    private void received(SlotWorker worker, WorkerMessage message) {
        if (message instanceof WorkerMessage.Pong pong) {
            worker.answered(pong);
        } else if (message instanceof WorkerMessage.BackendDied died) {
            living.tellOthers(worker, died);
        } else if (message instanceof WorkerMessage.Adopted adopted) {
            dealer.adopted(worker, adopted.ids());
            reconcile();
        } else if (message instanceof WorkerMessage.Ready ready) {
            ready(worker, ready.storeProblem());
        } else if (message instanceof WorkerMessage.Failed failed) {
            worker.failed(failed.reason());
        } else if (message instanceof WorkerMessage.ReplaceMe asks) {
            worker.asksForReplacement(asks.reason());
            reconcile();
        } else if (message instanceof WorkerMessage.Switched switched) {
            worker.switched(switched.number());
            reconcile();
        } else {
            late.received(worker, message);
            if (rollout != null) {
                rollout.received(worker, message);
            }
            reconcile();
        }
    }

    private void ready(SlotWorker worker, String storeProblem) {
        Slot slot = slots.of(worker);
        if (slot == null || slot.next() != worker || worker.isReady() || shutdown.hasBegun()) {
            return;
        }
        log.info("{} is ready", worker);
        worker.becameReady(storeProblem);
        progress.becameReady();
        if (storeGate != null && !progress.isComplete() && !storeProblem.isEmpty()) {
            slots.abandon(worker);
            storeGate.accept(worker + " cannot use its store (" + storeProblem + ")");
        } else if (!replacements.letsIn(slot, worker, rollout)) {
            slots.abandon(worker);
        } else if (rollout == null || rollout.hasSwitched() || worker != rollout.trial()) {
            install(slot, worker);
        }
        reconcile();
    }

    private void install(@Nullable Slot slot, SlotWorker worker) {
        SlotWorker before = slot == null ? null : slot.install(worker);
        if (before != null) {
            leaving.add(before);
            if (rollout != null) {
                rollout.replaced(before);
            }
        }
    }

    /** The process is gone: other workers get its sockets now, although its last messages may still be unread. */
    private void exited(SlotWorker worker) {
        worker.markGone();
        dealer.forget(worker);
        if (rollout != null) {
            rollout.died(worker);
        }
        reconcile();
    }

    private void ended(SlotWorker worker, int code) {
        living.remove(worker);
        launcher.withdraw(worker.process());
        if (shutdown.hasBegun()) {
            shutdown.advance();
            return;
        }
        Slot slot = slots.of(worker);
        if (leaving.remove(worker)) {
            if (code == 0) {
                log.info("{} has ended", worker);
            } else {
                log.warn("{} died while it finished its last requests (exit code {})", worker, code);
            }
        } else if (slot != null) {
            lost(slot, worker, worker.failure() == null ? "exit code " + code : worker.failure());
        }
        reconcile();
    }

    private void hung(SlotWorker worker) {
        log.error("{} does not answer and is killed", worker);
        exited(worker);
        worker.process().kill();
        Slot slot = slots.of(worker);
        if (slot != null && !shutdown.hasBegun()) {
            lost(slot, worker, "it hung");
            reconcile();
        }
    }

    private void lost(Slot slot, SlotWorker worker, String why) {
        slot.remove(worker);
        boolean replacing = leaving.takeBack(slot);
        String loss = worker + " died (" + why + ")";
        Rollout reload = rollout;
        if (reload != null
                && reload.wanted() == worker.generation()
                && (!worker.isReady() || replacing || !reload.hasSwitched())) {
            reload.failed(loss);
        } else {
            restarts.lost(slot, loss, worker.served());
        }
        if (!progress.isReady() && worker.generation() == newest && newest.startFailed(worker.failure())) {
            cannotStart(worker.failure() == null ? loss : worker.failure());
        }
    }

    private void notStarted(Slot slot, Generation generation, String why) {
        if (shutdown.hasBegun()) {
            return;
        }
        String loss = "a worker could not be started (" + why + ")";
        if (rollout != null && rollout.wanted() == generation) {
            rollout.failed(loss);
        }
        restarts.lost(slot, loss, Duration.ZERO);
        if (!progress.isReady() && newest.startFailed(why)) {
            cannotStart(why);
        }
        reconcile();
    }

    private void cannotStart(String why) {
        log.error("cannot start: {}", why);
        stopAll(1, Duration.ZERO);
    }

    // reactions

    private void reconcile() {
        if (shutdown.hasBegun()) {
            shutdown.advance();
            return;
        }
        advanceReload();
        starter.fill(slots.first(newest.workers()), newest);
        removeSurplusSlots();
        dealer.deal(launcher.sockets(), slots.serving());
        if (!slots.serving().isEmpty()) {
            leaving.retireRelieved(dealer);
        }
        if (!isPreparing()) {
            late.advance(slots.serving(), newest);
            replacements.startNext(newest, rollout != null && rollout.isReplacing());
        }
        reportProgress();
    }

    private void advanceReload() {
        Rollout reload = rollout;
        if (reload == null || reload.hasSwitched()) {
            return;
        }
        switch (reload.advance(slots, replacements, newest.workers())) {
            case WAIT -> {}
            case SWITCH -> {
                newest = reload.wanted();
                reload.switchAll(slots, launcher);
                SlotWorker trial = reload.trial();
                if (trial != null && trial.isReady()) {
                    install(slots.of(trial), trial);
                }
            }
            case DISCARD -> endReload(reload);
        }
    }

    private void endReload(Rollout reload) {
        rollout = null;
        reload.end(slots);
    }

    private void removeSurplusSlots() {
        if (slots.first(newest.workers()).stream().allMatch(slot -> slot.current() != null)) {
            slots.cut(newest.workers()).forEach(leaving::add);
        }
    }

    private void reportProgress() {
        boolean accepting = dealer.unwanted().isEmpty() && dealer.allAccepted();
        boolean inPlace = slots.size() == newest.workers()
                && slots.first(newest.workers()).stream().allMatch(slot -> slot.isOf(newest))
                && !leaving.isAnyServing()
                && dealer.allAccepted();
        progress.update(accepting, inPlace);
        if (rollout != null && rollout.isOver(slots, inPlace)) {
            endReload(rollout);
        }
    }
}
