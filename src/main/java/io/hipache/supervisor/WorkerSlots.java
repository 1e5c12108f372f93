package io.hipache.supervisor;

import io.hipache.link.WorkerMessage;
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
 * Keeps one worker in every slot until it is told to stop. Confined to the {@link SupervisorThread}, where everything
 * that happens to a worker arrives as one call.
 */
final class WorkerSlots {
    private static final Logger log = LoggerFactory.getLogger(WorkerSlots.class);

    /** So many failed starts, with none that ever succeeded, are no accident. */
    private static final int FAILED_STARTS = 3;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    /** What a worker has on top of its stop timeout before it is killed. */
    private static final Duration STOP_MARGIN = Duration.ofMillis(1500);

    private final WorkerLauncher launcher;
    private final WorkerProcess.Listener accessLog;
    private final RestartPolicy restarts;
    private final SupervisorThread thread;
    private final Milestones milestones;
    private final List<Slot> slots = new ArrayList<>();
    /** Those in a slot and those that finish their requests. */
    private final Set<WorkerProcess> alive = new LinkedHashSet<>();

    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private int failedStarts;
    private boolean everReady;
    private boolean served;
    private boolean stopping;
    private int codeAtEnd;

    private static final class Slot {
        final int index;

        @Nullable
        WorkerProcess worker;

        /** Serves until {@link #worker} does. */
        @Nullable
        WorkerProcess leaving;

        boolean ready;

        @Nullable
        String failure;

        int shortLives;

        Slot(int index) {
            this.index = index;
        }
    }

    /** @param accessLog told every {@link WorkerMessage.AccessLog}, on the thread of its worker */
    WorkerSlots(
            int count,
            WorkerLauncher launcher,
            WorkerProcess.Listener accessLog,
            RestartPolicy restarts,
            SupervisorThread thread,
            Milestones milestones) {
        this.launcher = launcher;
        this.accessLog = accessLog;
        this.restarts = restarts;
        this.thread = thread;
        this.milestones = milestones;
        for (int i = 0; i < count; i++) {
            slots.add(new Slot(i));
        }
    }

    /** Complete when no worker is left after a stop. */
    CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    /** Whether a worker takes requests, or finishes them. */
    boolean isServing() {
        return stopping || slots.stream().anyMatch(slot -> slot.worker != null && slot.ready);
    }

    void startAll() {
        for (Slot slot : slots) {
            launch(slot);
        }
    }

    void tellAll(WorkerMessage message) {
        alive.forEach(worker -> worker.send(message));
    }

    /** Has all workers finish what they do, kills those that do not within {@code timeout}, then completes the end. */
    void stopAll(int code, Duration timeout) {
        stopping = true;
        milestones.stopping();
        codeAtEnd = code;
        launcher.closeSockets();
        alive.forEach(worker -> worker.send(new WorkerMessage.Stop()));
        thread.later(timeout.plus(STOP_MARGIN), () -> {
            alive.forEach(worker -> log.warn("{} does not end and is killed", worker));
            alive.forEach(WorkerProcess::kill);
        });
        endWhenNoneIsLeft();
    }

    /** Ends at once, with exit code 1. */
    void killAll() {
        stopping = true;
        codeAtEnd = 1;
        alive.forEach(WorkerProcess::kill);
        endWhenNoneIsLeft();
    }

    private @Nullable WorkerProcess launch(Slot slot) {
        slot.ready = false;
        slot.failure = null;
        try {
            WorkerProcess worker = launcher.launch(slot.index, this::said);
            slot.worker = worker;
            alive.add(worker);
            worker.ended().thenAccept(code -> thread.run(() -> ended(worker, code)));
            thread.later(START_TIMEOUT, () -> killUnlessReady(slot, worker));
            return worker;
        } catch (IOException e) {
            slot.worker = null;
            slot.failure = e.getMessage();
            replace(slot, "a worker could not be started (" + e.getMessage() + ")", Duration.ZERO);
            return null;
        }
    }

    private void said(WorkerProcess worker, WorkerMessage message) throws InterruptedException {
        if (message instanceof WorkerMessage.AccessLog) {
            accessLog.said(worker, message);
        } else {
            thread.run(() -> heard(worker, message));
        }
    }

    private void heard(WorkerProcess worker, WorkerMessage message) {
        Slot slot = slots.get(worker.slot());
        if (slot.worker != worker) {
            return;
        }
        if (message instanceof WorkerMessage.Ready) {
            log.info("{} is ready", worker);
            slot.ready = true;
            everReady = true;
            if (!served && slots.stream().allMatch(other -> other.ready)) {
                served = true;
                milestones.served();
            }
            if (slot.leaving != null) {
                slot.leaving.send(new WorkerMessage.Retire());
                slot.leaving = null;
            }
        } else if (message instanceof WorkerMessage.Failed failed) {
            slot.failure = failed.reason();
        } else if (message instanceof WorkerMessage.ReplaceMe asks && !stopping) {
            slot.leaving = worker;
            WorkerProcess replacement = launch(slot);
            if (replacement != null) {
                log.info("{} asks to be replaced ({}), {} follows", worker, asks.reason(), replacement);
            }
        }
    }

    private void killUnlessReady(Slot slot, WorkerProcess worker) {
        if (slot.worker == worker && !slot.ready && !stopping) {
            slot.failure = "not ready after " + START_TIMEOUT.toSeconds() + " s";
            worker.kill();
        }
    }

    private void ended(WorkerProcess worker, int code) {
        alive.remove(worker);
        launcher.forget(worker);
        Slot slot = slots.get(worker.slot());
        if (stopping) {
            endWhenNoneIsLeft();
        } else if (slot.worker == worker) {
            slot.worker = null;
            String failure = slot.failure;
            String why = failure == null ? "exit code " + code : failure;
            replace(slot, worker + " died (" + why + ")", worker.age());
        } else if (code == 0) {
            log.info("{} has ended", worker);
        } else {
            log.warn("{} died while it finished its requests (exit code {})", worker, code);
        }
    }

    private void replace(Slot slot, String death, Duration life) {
        if (!everReady && (slot.failure != null || ++failedStarts >= FAILED_STARTS)) {
            log.error("cannot start: {}", slot.failure == null ? death : slot.failure);
            stopAll(1, Duration.ZERO);
            return;
        }
        slot.shortLives = restarts.shortLives(slot.shortLives, life);
        Duration delay = restarts.delay(slot.shortLives);
        if (delay.isZero()) {
            launchAfter(slot, death);
        } else {
            log.warn("{}, its replacement follows in {} ms", death, delay.toMillis());
            thread.later(delay, () -> launchAfter(slot, "its slot was empty"));
        }
    }

    private void launchAfter(Slot slot, String death) {
        if (stopping) {
            return;
        }
        WorkerProcess replacement = launch(slot);
        if (replacement != null) {
            log.warn("{}, replaced by {}", death, replacement);
        }
    }

    private void endWhenNoneIsLeft() {
        if (alive.isEmpty()) {
            exitCode.complete(codeAtEnd);
        }
    }
}
