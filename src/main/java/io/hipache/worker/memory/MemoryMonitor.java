package io.hipache.worker.memory;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the memory of the worker every second, has a {@link MemoryGuard} say what follows, and tells once a minute
 * what the worker does, in the words of the original (Hipache lib/memorymonitor.js). Confined to the event loop.
 */
public final class MemoryMonitor {
    private static final Logger log = LoggerFactory.getLogger(MemoryMonitor.class);

    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final long REPORT_NANOS = Duration.ofSeconds(60).toNanos();

    /**
     * What went through a worker and what is there now.
     *
     * @param requests begun since the worker started
     * @param connections accepted since the worker started
     * @param open connections of clients now, tunnels among them
     * @param upstream connections to backends now, open or connecting
     */
    public record Traffic(long requests, long connections, int open, int upstream) {}

    private final MemoryGuard guard;
    private final long beginNanos;
    private final LongSupplier residentBytes;
    private final Supplier<Traffic> traffic;
    private final Runnable collector;
    private final Consumer<String> replace;
    private Traffic reported = new Traffic(0, 0, 0, 0);
    private long reportedNanos;
    private boolean leavingForMemory;
    private boolean warned;
    private @Nullable Future<?> ticks;

    /**
     * @param residentBytes 0 when it is not known
     * @param collector collects garbage
     * @param replace asks for another worker, and says why
     */
    public MemoryMonitor(
            MemoryGuard guard,
            long beginNanos,
            LongSupplier residentBytes,
            Supplier<Traffic> traffic,
            Runnable collector,
            Consumer<String> replace) {
        this.guard = guard;
        this.beginNanos = beginNanos;
        this.reportedNanos = beginNanos;
        this.residentBytes = residentBytes;
        this.traffic = traffic;
        this.collector = collector;
        this.replace = replace;
    }

    public void start(EventLoop loop) {
        ticks = loop.scheduleAtFixedRate(
                () -> tick(System.nanoTime()), EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    void tick(long nowNanos) {
        long resident = residentBytes.getAsLong();
        MemoryGuard.Verdict verdict = guard.check(resident, nowNanos);
        switch (verdict) {
            case COLLECT -> {
                log.info("MemoryMonitor: Memory limit exceeded {}, calling GC...", megabytes(resident));
                collector.run();
            }
            case WELL_AGAIN -> log.info("MemoryMonitor: Memory usage is OK after GC call {}", megabytes(resident));
            case REPLACE -> {
                leavingForMemory = true;
                log.warn(
                        "MemoryMonitor: Memory is still over the limit after GC call {}, asking for a replacement...",
                        megabytes(resident));
                replace.accept("memory limit exceeded " + megabytes(resident));
            }
            case TOO_YOUNG -> warnOnce(resident);
            case WELL, REPLACING -> {
                // said once a minute
            }
        }
        if (nowNanos - reportedNanos >= REPORT_NANOS) {
            reportedNanos = nowNanos;
            report(verdict, resident);
        }
    }

    private void warnOnce(long resident) {
        if (guard.overFromTheStart() && !warned) {
            warned = true;
            log.warn(
                    "MemoryMonitor: server.memoryLimit is less than a worker needs {},"
                            + " this one will be replaced again and again",
                    megabytes(resident));
        }
    }

    private void report(MemoryGuard.Verdict verdict, long resident) {
        Traffic now = traffic.get();
        log.info(
                "MemoryMonitor: {} {}, {} requests and {} connections in the last minute, {} clients and {} backend"
                        + " connections open",
                state(verdict),
                megabytes(resident),
                now.requests() - reported.requests(),
                now.connections() - reported.connections(),
                now.open(),
                now.upstream());
        reported = now;
    }

    private static String state(MemoryGuard.Verdict verdict) {
        return switch (verdict) {
            case WELL, WELL_AGAIN -> "Memory usage is OK";
            case COLLECT, REPLACE, TOO_YOUNG -> "Memory limit exceeded";
            case REPLACING -> "Memory limit exceeded, waiting for requests to complete,";
        };
    }

    /** The worker ends: says what it has done, as the original did before it left for want of memory. */
    public void end(long nowNanos, boolean gracefully) {
        if (ticks != null) {
            ticks.cancel(false);
        }
        Traffic all = traffic.get();
        log.info(
                "MemoryMonitor: === {} report === Gracefully exited: {}, Uptime: {} minutes, Requests: {}, Connections: {}",
                leavingForMemory ? "Exceeded memory" : "Exit",
                gracefully,
                Math.round((nowNanos - beginNanos) / 60e9),
                all.requests(),
                all.connections());
    }

    /** As the original writes it. */
    private static String megabytes(long bytes) {
        return "(" + Math.round(bytes / (1024.0 * 1024.0)) + "MB)";
    }
}
