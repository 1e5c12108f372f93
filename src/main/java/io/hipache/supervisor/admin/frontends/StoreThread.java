package io.hipache.supervisor.admin.frontends;

import io.hipache.driver.redis.ClientName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store for the admin listener, one question after the other. The thread and its connection are there only while
 * somebody asks, and for a minute after that. Any thread may call it.
 */
final class StoreThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoreThread.class);

    static final Duration IDLE = Duration.ofMinutes(1);

    /** Redis has this time for others between two steps of the background. */
    private static final Duration PAUSE = Duration.ofMillis(4);

    private static final int MOST_WAITING = 64;

    private final StoreEndpoints endpoints;
    private final Background background;
    private final Duration idle;
    private final BlockingQueue<Job<?>> jobs = new ArrayBlockingQueue<>(MOST_WAITING);
    private @Nullable Thread thread;
    private boolean closed;

    /** What is done between questions. Called by the thread of the store only. */
    interface Background {
        /** Whether there is something to do. */
        boolean isBusy();

        void step() throws StoreException;

        /** Nobody asks any more. */
        void forget();
    }

    /** Something that needs the store. */
    interface Question<T> {
        T ask(StoreConnection store) throws StoreException, InvalidInputException;
    }

    private record Job<T>(Question<T> question, CompletableFuture<T> answer) {

        /** Does nothing when nobody waits for the answer any more. */
        void run(StoreConnection store) {
            if (answer.isDone()) {
                return;
            }
            try {
                answer.complete(question.ask(store));
            } catch (StoreException | InvalidInputException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }
    }

    /** @param idle how long the connection stays when nobody asks */
    StoreThread(StoreEndpoints endpoints, Background background, Duration idle) {
        this.endpoints = endpoints;
        this.background = background;
        this.idle = idle;
    }

    /**
     * Has a question asked soon.
     *
     * @param patience a question that has not begun by then is not asked; the answer is a
     *     {@link java.util.concurrent.TimeoutException} then
     * @return the answer, or a {@link RejectedExecutionException} when too many questions wait
     */
    <T> CompletableFuture<T> ask(Question<T> question, Duration patience) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        synchronized (this) {
            if (closed || !jobs.offer(new Job<>(question, answer))) {
                answer.completeExceptionally(new RejectedExecutionException());
                return answer;
            }
            if (thread == null) {
                thread = new Thread(this::run, "admin-store");
                thread.setDaemon(true);
                thread.start();
            }
        }
        return answer.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try (StoreConnection store = new StoreConnection(endpoints, ClientName.ADMIN)) {
            serve(store);
        } catch (StoreException | InterruptedException e) {
            fail(e);
        } catch (RuntimeException e) {
            log.error("the pages of the admin listener that need the store failed; the next one begins anew", e);
            fail(e);
        }
    }

    /** Everybody who waits gets the same answer. The next question starts again. */
    private synchronized void fail(Exception cause) {
        thread = null;
        background.forget();
        for (Job<?> job = jobs.poll(); job != null; job = jobs.poll()) {
            job.answer.completeExceptionally(cause);
        }
    }

    private void serve(StoreConnection store) throws InterruptedException {
        long asked = System.nanoTime();
        while (true) {
            boolean busy = background.isBusy();
            long left = busy ? PAUSE.toNanos() : idle.toNanos() - (System.nanoTime() - asked);
            Job<?> job = jobs.poll(left, TimeUnit.NANOSECONDS);
            if (job != null) {
                job.run(store);
                asked = System.nanoTime();
            } else if (busy) {
                step();
            } else if (ends()) {
                return;
            }
        }
    }

    private void step() {
        try {
            background.step();
        } catch (StoreException e) {
            log.debug("the names of frontends: {}", e.getMessage());
        }
    }

    private synchronized boolean ends() {
        if (!jobs.isEmpty()) {
            return false;
        }
        thread = null;
        background.forget();
        return true;
    }

    /** Whether there is a thread and a connection, for tests. */
    synchronized boolean isRunning() {
        return thread != null;
    }

    /** Asks nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
