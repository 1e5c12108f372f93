package io.hipache.driver.lookup;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Ends look-ups that took too long. All have the same time, so they end in the order in which they began: one queue and
 * one timer do for all of them.
 */
final class ReadDeadlines {

    private final EventLoop loop;
    private final Runnable afterExpiry;
    private final ArrayDeque<PendingRead> reads = new ArrayDeque<>();
    private boolean armed;

    ReadDeadlines(EventLoop loop, Runnable afterExpiry) {
        this.loop = loop;
        this.afterExpiry = afterExpiry;
    }

    void add(PendingRead read) {
        reads.add(read);
        if (!armed) {
            arm(read);
        }
    }

    /** Lets go of what is done at the head of the queue; answers come in order, so that is nearly everything. */
    void forgetDone() {
        for (PendingRead head = reads.peek(); head != null && head.done(); head = reads.peek()) {
            reads.remove();
        }
    }

    /** Ends all. */
    void close(String reason) {
        for (PendingRead read = reads.poll(); read != null; read = reads.poll()) {
            read.unavailable(reason);
        }
    }

    private void arm(PendingRead head) {
        armed = true;
        var unused = loop.schedule(this::expire, head.deadlineNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void expire() {
        long now = System.nanoTime();
        boolean expired = false;
        forgetDone();
        for (PendingRead head = reads.peek(); head != null && isDue(head, now); head = reads.peek()) {
            reads.remove();
            head.unavailable("Redis did not answer in time");
            expired = true;
            forgetDone();
        }
        PendingRead next = reads.peek();
        if (next == null) {
            armed = false;
        } else {
            arm(next);
        }
        if (expired) {
            afterExpiry.run();
        }
    }

    private static boolean isDue(PendingRead read, long now) {
        return read.deadlineNanos() - now <= 0;
    }
}
