package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.process.WorkerCommandLine;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.SocketDealer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One worker and its state as the supervisor sees it. Confined to the {@link SupervisorThread}. */
final class SlotWorker implements SocketDealer.Holder {
    /** Deaths of backends that a worker may tell the others in one second. */
    private static final int MOST_DEATHS = 100;

    private final Launcher launcher;
    private final RunningWorker process;
    private final int slot;
    private final Generation startedWith;
    private final Heartbeat heartbeat = new Heartbeat();
    /** The configuration that the worker is known to follow. */
    private Generation generation;
    /** The configuration that it was told to follow last. Both differ only between Switch and Switched. */
    private Generation told;

    private boolean ready;
    private String storeProblem = "";
    private boolean storeUsable = true;
    private Duration ageWhenReady = Duration.ZERO;
    private boolean gone;
    private boolean retired;
    private @Nullable String failure;
    private @Nullable String replacementReason;
    private long deathsSecond;
    private int deaths;

    SlotWorker(Launcher launcher, RunningWorker process, int slot, Generation generation) {
        this.launcher = launcher;
        this.process = process;
        this.slot = slot;
        this.startedWith = generation;
        this.generation = generation;
        this.told = generation;
    }

    RunningWorker process() {
        return process;
    }

    /** Whether the others are told of one more backend that this worker has found dead. */
    boolean mayTellOfDeath() {
        long second = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        if (second != deathsSecond) {
            deathsSecond = second;
            deaths = 0;
        }
        return deaths++ < MOST_DEATHS;
    }

    /** The configuration that the worker is known to follow. */
    Generation generation() {
        return generation;
    }

    /** The keys for whose sake only a new process can follow this configuration in full. */
    List<String> keysThatNeedAnotherProcess(Generation wanted) {
        return WorkerCommandLine.keysOfNewProcess(startedWith.config(), wanted.config());
    }

    /** Asks the worker to build this configuration beside the one that it follows. */
    void prepare(Generation wanted) {
        launcher.prepare(process, wanted.number(), told.config(), wanted.config());
    }

    /** Asks the worker to follow a configuration that it has prepared. */
    void follow(Generation prepared) {
        told = prepared;
        process.send(new WorkerMessage.Switch(prepared.number()));
    }

    /** Whether the worker follows this configuration, or was told to. */
    boolean isTold(Generation wanted) {
        return told == wanted;
    }

    void switched(int number) {
        if (number == told.number()) {
            generation = told;
        }
    }

    /** Asks the worker to forget a configuration that it prepares or has prepared. */
    void discard(Generation prepared) {
        process.send(new WorkerMessage.Discard(prepared.number()));
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public boolean knows(ListeningSocket socket) {
        return generation.knows(socket) && told.knows(socket);
    }

    @Override
    public void adopt(List<ListeningSocket> sockets) {
        // the worker reads this after the order to switch
        launcher.offer(process, told.config(), sockets);
    }

    @Override
    public void release(List<ListeningSocket> sockets) {
        process.send(new WorkerMessage.Release(
                sockets.stream().map(ListeningSocket::id).toList()));
    }

    boolean isReady() {
        return ready;
    }

    /** @param problem why the worker cannot use its store; empty when it can */
    void becameReady(String problem) {
        ready = true;
        storeProblem = problem;
        storeUsable = problem.isEmpty();
        ageWhenReady = process.age();
    }

    /** Why the worker could not use its store when it became ready; empty when it could. */
    String storeProblem() {
        return storeProblem;
    }

    /** Whether the worker could use its store when it said so last. */
    boolean isStoreUsable() {
        return storeUsable;
    }

    void answered(WorkerMessage.Pong pong) {
        heartbeat.answered(pong.number());
        storeUsable = pong.storeUsable();
    }

    /** How long the worker has been ready. */
    Duration served() {
        return ready ? process.age().minus(ageWhenReady) : Duration.ZERO;
    }

    /** Whether the worker is dead or no longer answers. */
    boolean isGone() {
        return gone;
    }

    void markGone() {
        gone = true;
    }

    /** Whether the worker was asked to retire. */
    boolean isRetired() {
        return retired;
    }

    void retire() {
        retired = true;
        process.send(new WorkerMessage.Retire());
    }

    /** Why the worker cannot start, null when it has not sent a reason. */
    @Nullable
    String failure() {
        return failure;
    }

    void failed(String reason) {
        failure = reason;
    }

    /** Why the worker asks to be replaced, null when it does not. */
    @Nullable
    String replacementReason() {
        return replacementReason;
    }

    void asksForReplacement(String reason) {
        replacementReason = reason;
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
