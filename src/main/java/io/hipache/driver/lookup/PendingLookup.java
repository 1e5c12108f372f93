package io.hipache.driver.lookup;

import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One look-up from the question to its only answer: rows, an error, or the end of its time. Confined to the event loop. */
final class PendingLookup {

    private static final Logger LOG = LoggerFactory.getLogger(PendingLookup.class);

    private final HostLookup lookup;
    private final long deadlineNanos;
    private @Nullable ReadCallback callback;

    PendingLookup(HostLookup lookup, ReadCallback callback, long deadlineNanos) {
        this.lookup = lookup;
        this.callback = callback;
        this.deadlineNanos = deadlineNanos;
    }

    HostLookup lookup() {
        return lookup;
    }

    boolean done() {
        return callback == null;
    }

    /** Answers with rows. A look-up that is done ignores them: its reply came too late. */
    void rows(Rows rows) {
        ReadCallback waiting = callback;
        if (waiting != null) {
            callback = null;
            answer(() -> waiting.rows(rows));
        }
    }

    /** Answers that there are no rows. A look-up that is done ignores that. */
    void unavailable(String reason) {
        ReadCallback waiting = callback;
        if (waiting != null) {
            callback = null;
            answer(() -> waiting.unavailable(reason));
        }
    }

    /** A callback that throws must not keep the other look-ups of a batch from their answers. */
    private static void answer(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.error("The answer to a look-up caused an unexpected error", e);
        }
    }

    /**
     * Ends look-ups that took too long. All look-ups have the same time, so they end in the order in which they began. One
     * queue and one timer are enough.
     */
    static final class Deadlines {

        private final EventLoop loop;
        private final Runnable afterExpiry;
        private final ArrayDeque<PendingLookup> queue = new ArrayDeque<>();
        private boolean scheduled;

        /** @param afterExpiry called when at least one look-up was ended */
        Deadlines(EventLoop loop, Runnable afterExpiry) {
            this.loop = loop;
            this.afterExpiry = afterExpiry;
        }

        void add(PendingLookup lookup) {
            queue.add(lookup);
            if (!scheduled) {
                schedule(lookup);
            }
        }

        /** Removes look-ups that are done from the head of the queue. Replies come in order, so few of them stay behind. */
        void forgetDone() {
            for (PendingLookup head = queue.peek(); head != null && head.done(); head = queue.peek()) {
                queue.remove();
            }
        }

        /** Ends all look-ups. */
        void close(String reason) {
            for (PendingLookup head = queue.poll(); head != null; head = queue.poll()) {
                head.unavailable(reason);
            }
        }

        private void schedule(PendingLookup head) {
            scheduled = true;
            var unused = loop.schedule(this::expire, head.deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        private void expire() {
            long now = System.nanoTime();
            boolean expired = false;
            forgetDone();
            for (PendingLookup head = queue.peek(); head != null && isDue(head, now); head = queue.peek()) {
                queue.remove();
                head.unavailable("Redis did not answer in time");
                expired = true;
                forgetDone();
            }
            PendingLookup next = queue.peek();
            if (next == null) {
                scheduled = false;
            } else {
                schedule(next);
            }
            if (expired) {
                afterExpiry.run();
            }
        }

        private static boolean isDue(PendingLookup lookup, long now) {
            return lookup.deadlineNanos - now <= 0;
        }
    }
}
