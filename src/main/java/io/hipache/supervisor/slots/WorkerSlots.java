package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.SocketDealer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one worker of the newest configuration in every slot, until it is stopped. Every event is recorded first. Then
 * {@link #reconcile} compares the actual workers with the wanted ones, and takes the next steps. Confined to the
 * {@link SupervisorThread}, where every event of a worker arrives as one call.
 */
public final class WorkerSlots {
    private static final Logger log = LoggerFactory.getLogger(WorkerSlots.class);

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private final Launcher launcher;
    private final RunningWorker.Listener accessLog;
    private final Restarts restarts;
    private final Scheduler scheduler;
    private final LifecycleListener listener;
    private final LivingWorkers living;
    private final SocketDealer dealer = new SocketDealer();
    private final Slots slots = new Slots();
    /** Workers that have been replaced, or whose slot was removed. */
    private final Set<SlotWorker> leaving = new LinkedHashSet<>();

    private final Shutdown shutdown;
    private Generation newest;
    /** The newest generation that a worker has been ready with. */
    private @Nullable Generation proven;

    private boolean everServed;
    private boolean everComplete;
    private boolean reloading;

    /** @param accessLog receives every {@link WorkerMessage.AccessLog}, on the thread that reads from its worker */
    public WorkerSlots(
            HipacheConfig config,
            Launcher launcher,
            RunningWorker.Listener accessLog,
            RestartPolicy policy,
            Scheduler scheduler,
            LifecycleListener listener) {
        this.newest = new Generation(config);
        this.launcher = launcher;
        this.accessLog = accessLog;
        this.restarts = new Restarts(policy, scheduler, this::reconcile);
        this.scheduler = scheduler;
        this.listener = listener;
        this.living = new LivingWorkers(scheduler, this::hung);
        this.shutdown = new Shutdown(launcher, dealer, living, scheduler);
    }

    /** Completes when no worker is left after a stop. */
    public CompletableFuture<Integer> exitCode() {
        return shutdown.exitCode();
    }

    /** Whether a worker serves, or a shutdown is under way. */
    public boolean isServing() {
        return shutdown.hasBegun() || !slots.serving().isEmpty();
    }

    public void startAll() {
        living.startPings();
        reconcile();
    }

    /** Replaces one worker after the other by a worker with {@code config}, whose sockets must be bound already. */
    public void renewAll(HipacheConfig config) {
        if (shutdown.hasBegun()) {
            return;
        }
        newest = new Generation(config);
        reloading = true;
        listener.reloading();
        slots.startAfresh(newest);
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
        shutdown.stop(code, timeout);
    }

    /** Kills all workers at once. The exit code is 1. */
    public void killAll() {
        shutdown.killAll();
    }

    // events

    private void handle(RunningWorker process, WorkerMessage message) {
        SlotWorker worker = living.get(process);
        if (worker == null || worker.isGone()) {
            return;
        }
        if (message instanceof WorkerMessage.Pong pong) {
            worker.heartbeat().answered(pong.number());
        } else if (message instanceof WorkerMessage.Adopted adopted) {
            dealer.adopted(worker, adopted.ids());
            reconcile();
        } else if (message instanceof WorkerMessage.Ready) {
            ready(worker);
        } else if (message instanceof WorkerMessage.Failed failed) {
            worker.failed(failed.reason());
        } else if (message instanceof WorkerMessage.ReplaceMe asks) {
            worker.asksForReplacement(asks.reason());
            reconcile();
        }
    }

    private void ready(SlotWorker worker) {
        Slot slot = slots.of(worker);
        if (slot == null || slot.next() != worker || shutdown.hasBegun()) {
            return;
        }
        log.info("{} is ready", worker);
        worker.becameReady();
        worker.generation().startSucceeded();
        proven = worker.generation();
        SlotWorker before = slot.install(worker);
        if (before != null) {
            leaving.add(before);
        }
        reconcile();
    }

    /** The process is gone: other workers get its sockets now, although its last messages may still be unread. */
    private void exited(SlotWorker worker) {
        worker.markGone();
        dealer.forget(worker);
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
        // a worker that it should have replaced stays in the slot
        leaving.stream()
                .filter(other -> other.slot() == slot.index() && !other.isRetired() && !other.isGone())
                .findFirst()
                .filter(other -> slot.current() == null)
                .ifPresent(other -> {
                    leaving.remove(other);
                    slot.reinstall(other);
                });
        restarts.lost(slot, worker + " died (" + why + ")", worker.served());
        if (!worker.isReady() && worker.generation() == newest && newest.startFailed(worker.failure())) {
            giveUp(worker.failure() == null ? worker + " died (" + why + ")" : worker.failure());
        }
    }

    private void notStarted(Slot slot, String why) {
        if (shutdown.hasBegun()) {
            return;
        }
        restarts.lost(slot, "a worker could not be started (" + why + ")", Duration.ZERO);
        if (newest.startFailed(why)) {
            giveUp(why);
        }
    }

    /** No worker can start with the newest configuration: returns to the previous one, or ends the program. */
    private void giveUp(String why) {
        if (proven == null) {
            log.error("cannot start: {}", why);
            stopAll(1, Duration.ZERO);
        } else {
            log.error("reload failed, the previous configuration stays in force: {}", why);
            newest = proven;
            slots.startAfresh(newest);
        }
    }

    // reactions

    private void reconcile() {
        if (shutdown.hasBegun()) {
            shutdown.advance();
            return;
        }
        fillSlots();
        removeSurplusSlots();
        dealer.deal(launcher.sockets(), slots.serving());
        retireReplaced();
        renewOne();
        notifyListener();
    }

    private void fillSlots() {
        slots.first(newest.workers()).stream().filter(Slot::isVacant).forEach(slot -> {
            String loss = slot.loss();
            RunningWorker started = launch(slot);
            if (started != null && loss != null) {
                log.warn("{}, replaced by {}", loss, started);
            }
        });
    }

    /** Replaces one worker at a time, because each replacement needs the memory of one more worker for a while. */
    private void renewOne() {
        if (slots.isAnyRenewing() || leaving.stream().anyMatch(WorkerSlots::isStillServing)) {
            return;
        }
        for (Slot slot : slots.first(newest.workers())) {
            SlotWorker current = slot.current();
            if (current != null && slot.needsRenewal(newest)) {
                RunningWorker started = launch(slot);
                if (started != null) {
                    String why = current.replacementReason() == null ? "reload" : current.replacementReason();
                    log.info("{} is being replaced ({}), {} follows", current, why, started);
                }
                return;
            }
        }
    }

    private static boolean isStillServing(SlotWorker leaving) {
        return !leaving.isRetired() && !leaving.isGone();
    }

    private void removeSurplusSlots() {
        if (isRenewed()) {
            leaving.addAll(slots.cut(newest.workers()));
        }
    }

    private boolean isRenewed() {
        return slots.first(newest.workers()).stream().allMatch(slot -> slot.isOf(newest));
    }

    private void retireReplaced() {
        if (slots.serving().isEmpty()) {
            return;
        }
        for (SlotWorker worker : leaving) {
            if (isStillServing(worker) && dealer.isRelieved(worker)) {
                // no other worker wants the sockets that this worker still holds: it serves the connections in their
                // queues
                closeUnused();
                worker.retire();
            }
        }
    }

    private void closeUnused() {
        List<ListeningSocket> unused = new ArrayList<>(dealer.unwanted());
        unused.removeIf(newest::knows);
        launcher.close(unused);
    }

    private void notifyListener() {
        boolean served = dealer.unwanted().isEmpty() && dealer.allAccepted();
        if (served && !everServed) {
            everServed = true;
            listener.served();
        }
        boolean renewed = slots.size() == newest.workers()
                && isRenewed()
                && leaving.stream().noneMatch(WorkerSlots::isStillServing)
                && dealer.allAccepted();
        if (renewed && !everComplete) {
            everComplete = true;
            listener.complete();
        }
        if (renewed && reloading) {
            reloading = false;
            closeUnused();
            listener.reloaded(newest.config());
        }
    }

    private @Nullable RunningWorker launch(Slot slot) {
        try {
            RunningWorker process =
                    launcher.launch(slot.index(), newest.config(), new Inbox(scheduler, accessLog, this::handle));
            SlotWorker worker = new SlotWorker(launcher, process, slot.index(), newest);
            living.add(worker);
            slot.starts(worker);
            process.exited().thenRun(() -> scheduler.run(() -> exited(worker)));
            process.ended().thenAccept(code -> scheduler.run(() -> ended(worker, code)));
            scheduler.later(START_TIMEOUT, () -> killUnlessReady(slot, worker));
            return process;
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            Object hold = slot.holdBack();
            scheduler.run(() -> {
                slot.endHold(hold);
                notStarted(slot, why);
                reconcile();
            });
            return null;
        }
    }

    private void killUnlessReady(Slot slot, SlotWorker worker) {
        if (slot.next() == worker) {
            worker.failed("not ready after " + START_TIMEOUT.toSeconds() + " s");
            worker.process().kill();
        }
    }
}
