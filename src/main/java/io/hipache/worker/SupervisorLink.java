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
 * The worker's way to the supervisor: messages are queued by any thread without waiting and written by one thread of its
 * own, so that a supervisor that does not read never stops the event loop.
 */
final class SupervisorLink {
    private static final Logger log = LoggerFactory.getLogger(SupervisorLink.class);

    /** Batches of access-log lines that may wait, about a megabyte; the 17th is refused. */
    static final int MAX_WAITING_BATCHES = 16;

    private final OutputStream out;
    private final BlockingQueue<WorkerMessage> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingBatches = new AtomicInteger();
    private final AtomicBoolean replacementAsked = new AtomicBoolean();
    private final Thread writer;
    private volatile boolean closed;

    SupervisorLink(OutputStream out) {
        this.out = out;
        writer = new Thread(this::writeUntilClosed, "supervisor-link");
        writer.setDaemon(true);
        writer.start();
    }

    /** Sends a message that must not get lost; there are only a few in a worker's life. */
    void send(WorkerMessage message) {
        queue.add(message);
    }

    /**
     * Asks to be replaced: the supervisor starts another worker first, and says when it has taken over. Until then this one
     * goes on as before, for as long as no other can be started. Asking again changes nothing.
     *
     * @param reason for the administrator, in one line
     */
    void askForReplacement(String reason) {
        if (replacementAsked.compareAndSet(false, true)) {
            send(new WorkerMessage.ReplaceMe(reason));
        }
    }

    /** Sends lines, or refuses them when too many wait already. */
    boolean offer(WorkerMessage.AccessLog lines) {
        if (waitingBatches.incrementAndGet() > MAX_WAITING_BATCHES) {
            waitingBatches.decrementAndGet();
            return false;
        }
        queue.add(lines);
        return true;
    }

    /** Writes what is queued, as far as that is possible within {@code timeout}. */
    void close(Duration timeout) {
        closed = true;
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
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // the end of this process is near: its standard input tells it the same
            log.debug("the supervisor does not read any more: {}", e.getMessage());
        }
    }
}
