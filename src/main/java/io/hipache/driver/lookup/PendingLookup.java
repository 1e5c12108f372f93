package io.hipache.driver.lookup;

import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One look-up from the question to its only answer: rows, an error, or the end of its time. Confined to the event loop. */
final class PendingLookup {

    private static final Logger LOG = LoggerFactory.getLogger(PendingLookup.class);

    /** What a name takes besides its characters. */
    private static final int BYTES_PER_NAME = 56;

    private final HostLookup lookup;
    private final long deadlineNanos;
    private final int bytes;
    private @Nullable ReadCallback callback;
    /** Look-ups of the same host that leave together. They get this one's answer. */
    private @Nullable PendingLookup joined;

    private int timesSent;

    PendingLookup(HostLookup lookup, ReadCallback callback, long deadlineNanos) {
        this.lookup = lookup;
        this.callback = callback;
        this.deadlineNanos = deadlineNanos;
        this.bytes = callback.heldBytes() + bytes(lookup.names());
    }

    private static int bytes(List<String> names) {
        int bytes = 0;
        for (int i = 0; i < names.size(); i++) {
            bytes += BYTES_PER_NAME + names.get(i).length();
        }
        return bytes;
    }

    /** The look-ups without repetitions: further ones for the same host join the first one, with those that have joined them. */
    static List<PendingLookup> joined(List<PendingLookup> turn) {
        Map<String, PendingLookup> firsts = new HashMap<>();
        List<PendingLookup> distinct = new ArrayList<>(turn.size());
        for (int i = 0; i < turn.size(); i++) {
            PendingLookup next = turn.get(i);
            PendingLookup first = firsts.putIfAbsent(next.lookup.requestedHost(), next);
            if (first != null && first.asksTheSame(next)) {
                next.last().joined = first.joined;
                first.joined = next;
            } else {
                distinct.add(next);
            }
        }
        return distinct;
    }

    /** Both are of the same host. The names differ when the Host headers spell it differently. */
    private boolean asksTheSame(PendingLookup other) {
        return lookup.matchedKey() == other.lookup.matchedKey()
                && lookup.names().equals(other.lookup.names());
    }

    /** The last one that has joined, this one when there is none. */
    private PendingLookup last() {
        PendingLookup last = this;
        for (PendingLookup next = joined; next != null; next = next.joined) {
            last = next;
        }
        return last;
    }

    HostLookup lookup() {
        return lookup;
    }

    /** The number of look-ups that have joined, this one included. */
    int count() {
        int count = 1;
        for (PendingLookup next = joined; next != null; next = next.joined) {
            count++;
        }
        return count;
    }

    /** The memory that this one and those that have joined keep alive while they wait, about. */
    long bytes() {
        long sum = bytes;
        for (PendingLookup next = joined; next != null; next = next.joined) {
            sum += next.bytes;
        }
        return sum;
    }

    void sent() {
        timesSent++;
    }

    /** How often this one was sent to Redis. */
    int timesSent() {
        return timesSent;
    }

    /** Whether this one and all that have joined have their answers, or nobody waits for them any more. */
    boolean done() {
        for (PendingLookup next = this; next != null; next = next.joined) {
            if (next.callback != null && next.callback.isWanted()) {
                return false;
            }
        }
        return true;
    }

    /** Answers with rows. A look-up that is done ignores them: its reply came too late. */
    void rows(Rows rows) {
        answer(waiting -> waiting.rows(rows));
    }

    /** Answers that the frontend is over a bound. A look-up that is done ignores that. */
    void tooLarge() {
        answer(ReadCallback::tooLarge);
    }

    /** Answers that a key is of the wrong type. A look-up that is done ignores that. */
    void wrongType() {
        answer(ReadCallback::wrongType);
    }

    /** Answers that there are no rows. A look-up that is done ignores that. */
    void unavailable(String reason) {
        answer(waiting -> waiting.unavailable(reason));
    }

    private void answer(Consumer<ReadCallback> answer) {
        for (PendingLookup next = this; next != null; next = next.joined) {
            next.answerThis(answer);
        }
    }

    /** A callback that throws must not keep the other look-ups of a batch from their answers. */
    private void answerThis(Consumer<ReadCallback> answer) {
        ReadCallback waiting = callback;
        if (waiting == null) {
            return;
        }
        callback = null;
        try {
            answer.accept(waiting);
        } catch (Throwable e) {
            // whoever called back from here answers its client; this is the last resort, also for an allocation that
            // failed
            LOG.error("The answer to a look-up caused an unexpected error", e);
        }
    }

    /**
     * Ends look-ups that took too long. All look-ups have the same time, so they end in the order in which they began. One
     * queue and one timer are enough.
     */
    static final class Deadlines {

        private final EventLoop loop;
        private final Supplier<String> reason;
        private final Runnable afterExpiry;
        private final ArrayDeque<PendingLookup> queue = new ArrayDeque<>();
        private boolean scheduled;

        /**
         * @param reason why a look-up has no answer in time
         * @param afterExpiry called when at least one look-up was ended
         */
        Deadlines(EventLoop loop, Supplier<String> reason, Runnable afterExpiry) {
            this.loop = loop;
            this.reason = reason;
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
            for (PendingLookup head = queue.peek(); head != null && head.callback == null; head = queue.peek()) {
                queue.remove();
            }
        }

        /** Ends those of which {@code wanted} is true. A callback may begin others, which stay. */
        void end(Predicate<HostLookup> wanted) {
            for (PendingLookup pending : List.copyOf(queue)) {
                if (pending.callback != null && wanted.test(pending.lookup())) {
                    pending.answerThis(waiting -> waiting.unavailable(reason.get()));
                }
            }
            forgetDone();
        }

        /** Ends all look-ups. */
        void close(String reason) {
            for (PendingLookup head = queue.poll(); head != null; head = queue.poll()) {
                head.answerThis(waiting -> waiting.unavailable(reason));
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
                head.answerThis(waiting -> waiting.unavailable(reason.get()));
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
