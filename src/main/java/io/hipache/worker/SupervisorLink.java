package io.hipache.worker;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the worker's messages to the supervisor. Any thread may queue a message, without waiting. A thread of the link
 * writes the messages, so that a supervisor that does not read cannot stop the event loop.
 */
final class SupervisorLink implements LearnedSink {
    private static final Logger log = LoggerFactory.getLogger(SupervisorLink.class);

    /** Batches of access-log lines that may wait, about a megabyte. The link refuses the 17th. */
    static final int MAX_WAITING_BATCHES = 16;

    /** Messages with what was learned that may wait. */
    static final int MAX_WAITING_LEARNED = 4;

    private final OutputStream out;
    private final BlockingQueue<WorkerMessage> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingBatches = new AtomicInteger();
    private final AtomicInteger waitingLearned = new AtomicInteger();
    private final AtomicInteger waitingFigures = new AtomicInteger();
    private final AtomicBoolean replacementAsked = new AtomicBoolean();
    private final Thread writer;
    private volatile boolean closed;

    SupervisorLink(OutputStream out) {
        this.out = out;
        writer = new Thread(this::writeUntilClosed, "supervisor-link");
        writer.setDaemon(true);
        writer.start();
    }

    /** Sends a message that must not be lost. The queue takes any number, because a worker sends few of these. */
    void send(WorkerMessage message) {
        queue.add(message);
    }

    @Override
    public boolean hasRoom() {
        return waitingLearned.get() < MAX_WAITING_LEARNED;
    }

    @Override
    public void send(WorkerMessage.Known learned) {
        waitingLearned.incrementAndGet();
        queue.add(learned);
    }

    /** Whether every report has been sent. */
    boolean hasSentFigures() {
        return waitingFigures.get() == 0;
    }

    /** Sends a report. To be called when there is none that waits. */
    void send(WorkerMessage.Figures report) {
        waitingFigures.incrementAndGet();
        queue.add(report);
    }

    /**
     * Asks the supervisor to replace this worker. The supervisor starts another worker first, and sends an order when
     * the other worker has taken over. Until then this worker serves as before. Asking again changes nothing.
     *
     * @param reason for the administrator, in one line
     */
    void askForReplacement(String reason) {
        if (replacementAsked.compareAndSet(false, true)) {
            send(new WorkerMessage.ReplaceMe(reason));
        }
    }

    /**
     * Sends access-log lines.
     *
     * @return false when too many lines wait already; the link has not taken them then
     */
    boolean offer(WorkerMessage.AccessLog lines) {
        if (waitingBatches.incrementAndGet() > MAX_WAITING_BATCHES) {
            waitingBatches.decrementAndGet();
            return false;
        }
        queue.add(lines);
        return true;
    }

    /** Writes the messages that wait, as many as the supervisor takes within {@code timeout}. */
    void close(Duration timeout) {
        closed = true;
        // wakes up the writer
        queue.add(new WorkerMessage.AccessLog(ByteBuffer.allocate(0)));
        try {
            writer.join(timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeUntilClosed() {
        try {
            while (!closed || !queue.isEmpty()) {
                WorkerMessage message = queue.take();
                WorkerMessages.write(message, out);
                if (message instanceof WorkerMessage.AccessLog) {
                    waitingBatches.decrementAndGet();
                } else if (message instanceof WorkerMessage.Known) {
                    waitingLearned.decrementAndGet();
                } else if (message instanceof WorkerMessage.Figures) {
                    waitingFigures.decrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // the supervisor has died; Orders finds the end of standard input and ends this process
            log.debug("cannot write to the supervisor: {}", e.getMessage());
        }
    }
}
