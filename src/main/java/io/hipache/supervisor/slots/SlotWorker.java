package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.SocketDealer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One worker and its state as the supervisor sees it. Confined to the {@link SupervisorThread}. */
final class SlotWorker implements SocketDealer.Holder {
    private final Launcher launcher;
    private final RunningWorker process;
    private final int slot;
    private final Generation generation;
    private final Heartbeat heartbeat = new Heartbeat();
    private boolean ready;
    private Duration ageWhenReady = Duration.ZERO;
    private boolean gone;
    private boolean retired;
    private @Nullable String failure;
    private @Nullable String replacementReason;

    SlotWorker(Launcher launcher, RunningWorker process, int slot, Generation generation) {
        this.launcher = launcher;
        this.process = process;
        this.slot = slot;
        this.generation = generation;
    }

    RunningWorker process() {
        return process;
    }

    Generation generation() {
        return generation;
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
        return generation.knows(socket);
    }

    @Override
    public void adopt(List<ListeningSocket> sockets) {
        launcher.offer(process, generation.config(), sockets);
    }

    @Override
    public void release(List<ListeningSocket> sockets) {
        process.send(new WorkerMessage.Release(
                sockets.stream().map(ListeningSocket::id).toList()));
    }

    boolean isReady() {
        return ready;
    }

    void becameReady() {
        ready = true;
        ageWhenReady = process.age();
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
