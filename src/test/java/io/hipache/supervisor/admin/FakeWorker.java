package io.hipache.supervisor.admin;

import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.process.RunningWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A worker without a process, which reports what a test counts. */
final class FakeWorker implements RunningWorker {
    final Figures figures = new Figures(50);
    final CompletableFuture<Integer> end = new CompletableFuture<>();
    boolean killed;
    private final long pid;

    FakeWorker(long pid) {
        this.pid = pid;
        figures.set(Gauge.STORE_USABLE, 1);
    }

    WorkerMessage.Figures report() {
        return new WorkerMessage.Figures(ByteBuffer.wrap(figures.report()));
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public void send(WorkerMessage message) {
        // nobody reads it
    }

    @Override
    public void kill() {
        killed = true;
    }

    @Override
    public CompletableFuture<?> exited() {
        return end;
    }

    @Override
    public CompletableFuture<Integer> ended() {
        return end;
    }

    @Override
    public Duration age() {
        return Duration.ofSeconds(3);
    }

    @Override
    public String toString() {
        return "worker #" + pid;
    }
}
