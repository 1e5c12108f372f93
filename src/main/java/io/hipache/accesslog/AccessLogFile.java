package io.hipache.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access log of all workers, owned by the supervisor. One thread of its own appends what the workers sent, so that no
 * line is torn; a slow disk makes the callers of {@link #append} wait, and nobody else. A write error costs lines, never
 * the process.
 */
public final class AccessLogFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessLogFile.class);

    /** Of batches of lines, 16 KiB each at most times. */
    private static final int QUEUE_CAPACITY = 64;

    private static final long CLOSE_MILLIS = 2_000;
    private static final ByteBuffer WAKE_UP = ByteBuffer.allocate(0);

    private final BlockingQueue<ByteBuffer> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final Thread writer;
    private volatile boolean reopenAsked;
    private volatile boolean closed;

    // confined to the writer's thread
    private LogTarget target;
    private long lostLines;
    private boolean withinLine;

    private AccessLogFile(LogTarget target) {
        this.target = target;
        writer = new Thread(this::writeUntilClosed, "access-log");
        writer.setDaemon(true);
    }

    /**
     * Opens the log and creates its folder when that is missing.
     *
     * @param path of a file, or {@code -} or {@code stdout} for the standard output
     * @throws IOException with a message for the administrator
     */
    public static AccessLogFile open(String path) throws IOException {
        AccessLogFile file = new AccessLogFile(LogTarget.open(path));
        file.writer.start();
        return file;
    }

    /**
     * Writes whole lines, soon. Blocks while too much is waiting.
     *
     * @param lines belongs to the log from now on
     */
    public void append(ByteBuffer lines) throws InterruptedException {
        queue.put(lines);
    }

    /** Opens the path anew, after it has been renamed (log rotation). Does not wait for it. */
    public void reopen() {
        reopenAsked = true;
        wakeUp();
    }

    /** Writes what is waiting, as far as the disk takes it in 2 s, and ends. */
    @Override
    public void close() {
        closed = true;
        wakeUp();
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wakeUp() {
        // a full queue wakes the writer as well
        boolean unused = queue.offer(WAKE_UP);
    }

    private void writeUntilClosed() {
        try {
            while (!closed || !queue.isEmpty()) {
                ByteBuffer lines = queue.take();
                if (reopenAsked) {
                    reopenAsked = false;
                    reopenTarget();
                }
                write(lines);
            }
            target.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("closing the access log failed: {}", e.toString());
        }
    }

    private void reopenTarget() {
        try {
            LogTarget opened = LogTarget.open(target.path());
            target.close();
            target = opened;
            withinLine = false;
            log.info("access log reopened");
        } catch (IOException e) {
            log.error("{}; the one open before stays in use", e.getMessage());
        }
    }

    private void write(ByteBuffer lines) {
        try {
            if (withinLine) {
                target.write(ByteBuffer.wrap(new byte[] {'\n'}));
                withinLine = false;
            }
            target.write(lines);
        } catch (IOException e) {
            withinLine |= lines.position() > 0 && lines.get(lines.position() - 1) != '\n';
            if (lostLines == 0) {
                log.error("cannot write to the access log, lines are lost: {}", e.getMessage());
            }
            lostLines += linesIn(lines);
            return;
        }
        if (lostLines > 0 && lines.limit() > 0) {
            log.warn("the access log can be written again, {} lines were lost", lostLines);
            lostLines = 0;
        }
    }

    private static long linesIn(ByteBuffer lines) {
        long count = 0;
        for (int at = lines.position(); at < lines.limit(); at++) {
            if (lines.get(at) == '\n') {
                count++;
            }
        }
        return count;
    }
}
