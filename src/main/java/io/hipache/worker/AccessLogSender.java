package io.hipache.worker;

import io.hipache.accesslog.AccessLogOptions;
import io.hipache.accesslog.LineBuffer;
import io.hipache.accesslog.LineFormat;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.Quantity;
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
 * Formats the access-log lines of a worker and sends them to the supervisor in batches. A line costs its formatting, a
 * batch costs one array. The sender drops and counts the lines that the supervisor does not take in time. Confined to
 * the event loop.
 */
final class AccessLogSender implements Consumer<ExchangeEnd> {
    private static final Logger log = LoggerFactory.getLogger(AccessLogSender.class);

    /** Each batch wakes up three threads, so a batch should be large. A pipe takes 64 KiB at once. */
    static final int BATCH_BYTES = 60 << 10;

    /** A reader does not notice a quarter of a second. At 400 requests a second, each batch costs as much as two requests. */
    static final long LONGEST_WAIT_MILLIS = 250;

    private final EventLoop loop;
    private final Predicate<WorkerMessage.AccessLog> supervisor;
    private final LineBuffer lines = new LineBuffer();
    private AccessLogOptions options;
    private LineFormat format;
    private int count;
    private long dropped;
    private boolean flushIsDue;

    /** @param supervisor takes a batch, or returns false when it cannot take the batch now */
    AccessLogSender(EventLoop loop, AccessLogOptions options, Predicate<WorkerMessage.AccessLog> supervisor) {
        this.loop = loop;
        this.supervisor = supervisor;
        this.options = options;
        this.format = options.newFormat();
    }

    /** Each request that ends from now on has a line as these options say. */
    void follow(AccessLogOptions next) {
        if (!next.equals(options)) {
            // the supervisor may write the lines that follow to another file
            flush();
            options = next;
            format = next.newFormat();
        }
    }

    @Override
    public void accept(ExchangeEnd end) {
        assert loop.inEventLoop();
        if (!options.logs(end)) {
            return;
        }
        format.append(end, lines);
        count++;
        if (lines.length() >= BATCH_BYTES) {
            flush();
        } else if (!flushIsDue) {
            flushIsDue = true;
            loop.schedule(this::flushWhenDue, LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void flushWhenDue() {
        flushIsDue = false;
        flush();
    }

    /** Sends the lines that wait. */
    void flush() {
        if (lines.isEmpty()) {
            return;
        }
        ByteBuffer batch = ByteBuffer.wrap(Arrays.copyOf(lines.array(), lines.length()));
        if (!supervisor.test(new WorkerMessage.AccessLog(batch))) {
            dropped += count;
        } else if (dropped > 0) {
            log.warn(
                    "dropped {} of the access log, because the supervisor could not take more in time",
                    Quantity.of(dropped, "line", "lines"));
            dropped = 0;
        }
        lines.clear();
        count = 0;
    }
}
