package io.hipache.supervisor.common;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The one thread on which the supervisor decides. After {@link #close} it drops new tasks. */
public final class SupervisorThread implements Scheduler, AutoCloseable {
    private final ScheduledExecutorService executor;
    private final Consumer<Throwable> onBug;

    /** @param onBug receives the exception or error of a task that failed, which should never happen */
    public SupervisorThread(Consumer<Throwable> onBug) {
        this.onBug = onBug;
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "supervisor");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void run(Runnable task) {
        later(Duration.ZERO, task);
    }

    @Override
    public void later(Duration delay, Runnable task) {
        try {
            executor.schedule(() -> attempt(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            assert executor.isShutdown();
        }
    }

    /** The executor would swallow an error. The timer that threw it would then stop, and nobody would know why. */
    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            onBug.accept(e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
