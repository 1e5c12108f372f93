package io.hipache.testing;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How long a test waits for an event that must happen. The limit is long enough for a busy machine, and is not reached
 * unless something is wrong.
 */
final class Patience {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private Patience() {}

    static <T> T await(CompletableFuture<T> future, String what) {
        try {
            return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("waited " + LIMIT.toSeconds() + " s in vain for " + what, e);
        } catch (ExecutionException e) {
            throw new AssertionError(what + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    static void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("waited " + LIMIT.toSeconds() + " s in vain for " + what);
            }
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    static <T> T take(BlockingQueue<T> queue, String what) {
        try {
            T element = queue.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (element == null) {
                throw new AssertionError("waited " + LIMIT.toSeconds() + " s in vain for " + what);
            }
            return element;
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private static AssertionError interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted while waiting for " + what, e);
    }
}
