package io.hipache.worker;

import io.hipache.accesslog.AccessLogFormat;
import io.hipache.accesslog.LineBuffer;
import io.hipache.link.WorkerMessage;
import io.hipache.outcome.ExchangeEnd;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the access-log lines of a worker's requests and sends them in batches: a line costs its formatting, a batch one
 * array. Lines that the supervisor does not take in time are dropped and counted. Confined to the event loop.
 */
final class AccessLogSender implements Consumer<ExchangeEnd> {
    private static final Logger log = LoggerFactory.getLogger(AccessLogSender.class);

    /** Three threads wake up for each batch, so there should be few; a pipe takes 64 KiB at once. */
    static final int BATCH_BYTES = 60 << 10;

    static final long LONGEST_WAIT_MILLIS = 100;

    private final EventLoop loop;
    private final Predicate<WorkerMessage.AccessLog> supervisor;
    private final AccessLogFormat format = new AccessLogFormat();
    private final LineBuffer lines = new LineBuffer();
    private int count;
    private long dropped;
    private boolean flushIsDue;

    /** @param supervisor refuses what it cannot take now */
    AccessLogSender(EventLoop loop, Predicate<WorkerMessage.AccessLog> supervisor) {
        this.loop = loop;
        this.supervisor = supervisor;
    }

    @Override
    public void accept(ExchangeEnd end) {
        assert loop.inEventLoop();
        if (!end.hadBackend()) {
            // Hipache logs no others
            return;
        }
        format.append(end, lines);
        count++;
        if (lines.length() >= BATCH_BYTES) {
            flush();
        } else if (!flushIsDue) {
            flushIsDue = true;
            loop.schedule(this::flushLater, LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void flushLater() {
        flushIsDue = false;
        flush();
    }

    /** Sends what has been collected. */
    void flush() {
        if (lines.isEmpty()) {
            return;
        }
        ByteBuffer batch = ByteBuffer.wrap(Arrays.copyOf(lines.array(), lines.length()));
        if (!supervisor.test(new WorkerMessage.AccessLog(batch))) {
            dropped += count;
        } else if (dropped > 0) {
            log.warn("{} access-log lines were dropped, the supervisor did not take them in time", dropped);
            dropped = 0;
        }
        lines.clear();
        count = 0;
    }
}
