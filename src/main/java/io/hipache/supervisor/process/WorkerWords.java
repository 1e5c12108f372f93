package io.hipache.supervisor.process;

import io.hipache.messages.LogStyle;
import io.hipache.messages.MessageLevel;
import io.hipache.messages.Printable;
import io.hipache.messages.Quantity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * What a worker writes to its standard error, on its way to the log. Every line says which worker it comes from: the
 * worker's own messages do already, and every other line gets the words {@code (worker #4711)}. So no worker can write a line
 * that looks like one of the supervisor or of another worker. A worker that writes without end fills no disk: from a certain
 * rate on its lines are left out and counted. Confined to the thread that reads from the worker.
 */
final class WorkerWords implements Consumer<ByteBuffer> {
    /** A stack trace of every thread has less. */
    static final int BURST_BYTES = 2 << 20;

    static final int BYTES_PER_SECOND = 128 << 10;

    private final String name;
    private final Pattern ownMessage;
    private final Consumer<ByteBuffer> log;
    private final LongSupplier clock;
    private long room = BURST_BYTES;
    private long lastNanos;
    private boolean full;
    private long leftOut;

    WorkerWords(long pid, Consumer<ByteBuffer> log) {
        this(pid, log, System::nanoTime);
    }

    WorkerWords(long pid, Consumer<ByteBuffer> log, LongSupplier clock) {
        this.name = "(worker #" + pid + ") ";
        // a worker may still write in the style of the configuration before
        this.ownMessage = Pattern.compile(LogStyle.STAMP + " - \\Q" + name + "\\E.*");
        this.log = log;
        this.clock = clock;
        this.lastNanos = clock.getAsLong();
    }

    /** @param lines whole lines */
    @Override
    public void accept(ByteBuffer lines) {
        refill();
        StringBuilder passed = new StringBuilder();
        // only a line feed ends a line: everything else that may look like an end is escaped
        String[] all = StandardCharsets.UTF_8.decode(lines).toString().split("\n", -1);
        for (String line : Arrays.asList(all).subList(0, all.length - 1)) {
            if (full) {
                leftOut++;
                continue;
            }
            endLoss(passed);
            String words = Printable.escape(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            String whole = ownMessage.matcher(words).matches() ? words : attributed(words);
            passed.append(whole).append('\n');
            room -= whole.length();
            full = room <= 0;
        }
        if (passed.length() > 0) {
            log.accept(ByteBuffer.wrap(passed.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Call this when the worker has written its last line. */
    void end() {
        StringBuilder last = new StringBuilder();
        endLoss(last);
        if (last.length() > 0) {
            log.accept(ByteBuffer.wrap(last.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void endLoss(StringBuilder lines) {
        if (leftOut > 0) {
            lines.append(attributed("left out " + Quantity.of(leftOut, "line", "lines")
                            + " of this worker, because there were too many"))
                    .append('\n');
            leftOut = 0;
        }
    }

    private void refill() {
        long now = clock.getAsLong();
        long more = (now - lastNanos) / (TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND);
        if (more > 0) {
            room = Math.min(BURST_BYTES, room + more);
            lastNanos = now;
        }
        // lines pass again after a second, so that there is not a line about lost lines after each line that passes
        full = full && room < BYTES_PER_SECOND;
    }

    private String attributed(String words) {
        // what is no message of a worker is a stack trace, which is indented, or speaks of trouble
        String level = words.isEmpty() || words.startsWith(" ") ? "" : MessageLevel.WARNING;
        return LogStyle.stamp(Instant.now()) + " - " + name + level + words;
    }
}
