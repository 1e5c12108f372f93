package io.hipache.accesslog;

import io.hipache.messages.Quantity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log of all workers: the access log or the message log. The supervisor owns it. A thread of its own appends the lines, so
 * that lines never mix and callers never wait for a slow disk. Lines that cannot be written, or not fast enough, are
 * dropped. Their number is logged when writing works again.
 */
public final class LogFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogFile.class);

    /** The most bytes that may wait: enough for a disk that stalls for seconds under full load. */
    static final int MAX_WAITING = 16 << 20;

    private static final long CLOSE_MILLIS = 2_000;
    private static final ByteBuffer WAKE_UP = ByteBuffer.allocate(0);

    private record Move(ByteBuffer marker, LogTarget target) {}

    private final String name;
    private final BlockingQueue<ByteBuffer> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong refusedLines = new AtomicLong();
    private final Thread writer;
    private volatile boolean reopenAsked;
    /** The targets that the writer should switch to, each when its marker has come through the queue. */
    private final Queue<Move> moves = new ConcurrentLinkedQueue<>();

    private volatile boolean closed;

    // confined to the writer's thread
    private LogTarget target;
    private long lostLines;
    private boolean withinLine;

    private LogFile(String name, LogTarget target) {
        this.name = name;
        this.target = target;
        writer = new Thread(this::writeUntilClosed, name.replace(' ', '-'));
        writer.setDaemon(true);
    }

    /**
     * Opens the log and creates its folder when that is missing.
     *
     * @param path path of a file, {@code -} or {@code stdout} for the standard output, or a log daemon that begins with {@code
     *     syslog:}
     * @throws IOException with a message for the administrator
     */
    public static LogFile open(String path) throws IOException {
        return open("access log", path);
    }

    /**
     * As {@link #open(String)}.
     *
     * @param name the name of the log in messages
     */
    public static LogFile open(String name, String path) throws IOException {
        LogFile file = new LogFile(name, LogTarget.open(name, path));
        file.writer.start();
        return file;
    }

    /**
     * Why a log could not be opened, null where it could. Changes nothing.
     *
     * @param path as in {@link #open(String)}
     */
    public static @Nullable String obstacle(String path) {
        return path.startsWith("/") ? FileTarget.obstacle(Path.of(path)) : null;
    }

    /**
     * Queues whole lines for writing, or drops them when too many bytes are waiting. Never blocks.
     *
     * @param lines the log owns this buffer from now on
     */
    public void append(ByteBuffer lines) {
        int bytes = lines.remaining();
        if (waiting.addAndGet(bytes) <= MAX_WAITING) {
            queue.add(lines);
            return;
        }
        waiting.addAndGet(-bytes);
        if (refusedLines.getAndAdd(linesIn(lines)) == 0) {
            log.error("the {} cannot be written as fast as lines arrive, some lines are lost", name);
        }
    }

    /** Opens the path again after the file has been renamed (log rotation). Returns before that is done. */
    public void reopen() {
        reopenAsked = true;
        wakeUp();
    }

    /**
     * Opens another path, which the log moves to when the caller says so. Lines that are waiting then still go to the old one.
     *
     * @throws IOException with a message for the administrator; nothing is open then
     */
    public LogMove prepareMove(String path) throws IOException {
        LogTarget opened = LogTarget.open(name, path);
        return new LogMove() {
            @Override
            public void make() {
                ByteBuffer marker = ByteBuffer.allocate(0);
                moves.add(new Move(marker, opened));
                queue.add(marker);
            }

            @Override
            public void drop() {
                try {
                    opened.close();
                } catch (IOException e) {
                    log.debug("closing {} failed: {}", path, e.toString());
                }
            }
        };
    }

    /** Writes the waiting lines, for at most 2 s, and ends. */
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
        queue.add(WAKE_UP);
    }

    private void writeUntilClosed() {
        try {
            while (!closed || !queue.isEmpty()) {
                ByteBuffer lines = queue.take();
                moveIfAsked(lines);
                if (reopenAsked) {
                    reopenAsked = false;
                    reopenTarget();
                }
                int bytes = lines.remaining();
                write(lines);
                waiting.addAndGet(-bytes);
                if (queue.isEmpty()) {
                    logRefusedLines();
                }
            }
            if (lostLines > 0) {
                log.error("the {} ends, {} lost", name, lost(lostLines));
            }
            target.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("closing the {} failed: {}", name, e.toString());
        }
    }

    @SuppressWarnings("ReferenceEquality") // all empty buffers are equal
    private void moveIfAsked(ByteBuffer lines) throws IOException {
        Move next = moves.peek();
        if (next != null && next.marker() == lines) {
            moves.remove();
            target.close();
            target = next.target();
            withinLine = false;
            log.info("the {} is now {}", name, target.path());
        }
    }

    private void reopenTarget() {
        try {
            LogTarget opened = LogTarget.open(name, target.path());
            target.close();
            target = opened;
            withinLine = false;
            log.info("{} reopened", name);
        } catch (IOException e) {
            log.error("{}; the previous file stays in use", e.getMessage());
        }
    }

    private void write(ByteBuffer lines) {
        int start = lines.position();
        long size = 0;
        try {
            if (withinLine) {
                target.write(ByteBuffer.wrap(new byte[] {'\n'}));
                withinLine = false;
            }
            size = target.size();
            target.write(lines);
        } catch (IOException e) {
            int torn = bytesOfTornLine(lines, start);
            withinLine |= torn > 0 && !target.takeBack(torn, size + lines.position() - start);
            if (lostLines == 0) {
                log.error("cannot write to the {}, lines are lost: {}", name, e.getMessage());
            }
            lostLines += linesIn(lines);
            return;
        }
        if (lostLines > 0 && lines.position() > start) {
            log.warn("the {} can be written again, {} lost", name, lost(lostLines));
            lostLines = 0;
        }
    }

    private void logRefusedLines() {
        long refused = refusedLines.getAndSet(0);
        if (refused > 0) {
            log.warn("the {} is written fast enough again, {} lost", name, lost(refused));
        }
    }

    /** The number of bytes of an unfinished line that a failed write has left. */
    private static int bytesOfTornLine(ByteBuffer lines, int start) {
        int at = lines.position();
        while (at > start && lines.get(at - 1) != '\n') {
            at--;
        }
        return lines.position() - at;
    }

    private static String lost(long lines) {
        return Quantity.of(lines, "line was", "lines were");
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
