package io.hipache.worker.memory;

import io.hipache.messages.Quantity;
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
 * Measures the memory of the worker every second and does what the {@link MemoryGuard} decides. Once a minute it logs
 * what the worker did, in the words of the original (Hipache lib/memorymonitor.js). Confined to the event loop.
 */
public final class MemoryMonitor {
    private static final Logger log = LoggerFactory.getLogger(MemoryMonitor.class);

    private static final Duration EVERY = Duration.ofSeconds(1);
    /** After so many seconds in a row with failed allocations the worker asks to be replaced. */
    static final int MOST_FAILING_TICKS = 10;

    private static final long REPORT_NANOS = Duration.ofSeconds(60).toNanos();

    /**
     * What a worker has served, and its connections of this moment.
     *
     * @param requests requests that have begun since the worker started
     * @param connections connections that the worker has accepted
     * @param open connections of clients that are open, tunnels included
     * @param upstream connections to backends that are open or connecting
     * @param refused what the limits of the worker have refused, empty for nothing
     * @param failedAllocations how often there was no direct memory left
     */
    public record Traffic(
            long requests, long connections, int open, int upstream, String refused, long failedAllocations) {}

    private final MemoryGuard guard;
    private final long beginNanos;
    private final LongSupplier residentBytes;
    private final Supplier<Traffic> traffic;
    private final Runnable collector;
    private final Consumer<String> replace;
    private Traffic reported = new Traffic(0, 0, 0, 0, "", 0);
    private long reportedNanos;
    private long failedAllocations;
    private int failingTicks;
    private boolean leavingForMemory;
    private boolean warned;
    private @Nullable Future<?> ticks;

    /**
     * @param residentBytes the resident set of the worker, 0 when it is not known
     * @param collector collects garbage
     * @param replace asks the supervisor for another worker, with a reason for the administrator
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
                // the report of the minute says it
            }
        }
        replaceIfAllocationsKeepFailing();
        if (nowNanos - reportedNanos >= REPORT_NANOS) {
            reportedNanos = nowNanos;
            report(verdict, resident);
        }
    }

    /** Each failure has cost one connection. A worker that goes on failing is of no use to anybody. */
    private void replaceIfAllocationsKeepFailing() {
        long failed = traffic.get().failedAllocations();
        failingTicks = failed > failedAllocations ? failingTicks + 1 : 0;
        failedAllocations = failed;
        if (failingTicks == MOST_FAILING_TICKS) {
            leavingForMemory = true;
            log.error(
                    "MemoryMonitor: there has been no direct memory left for {} s, asking for a replacement;"
                            + " raise server.memoryLimit",
                    MOST_FAILING_TICKS);
            replace.accept("no direct memory left");
        }
    }

    private void warnOnce(long resident) {
        if (guard.overFromTheStart() && !warned) {
            warned = true;
            log.warn(
                    "MemoryMonitor: server.memoryLimit is less than a worker needs {}, so this worker will be"
                            + " replaced again and again; raise server.memoryLimit",
                    megabytes(resident));
        }
    }

    private void report(MemoryGuard.Verdict verdict, long resident) {
        Traffic now = traffic.get();
        log.info(
                "MemoryMonitor: {} {}, {} and {} in the last minute, {} and {} open{}",
                state(verdict),
                megabytes(resident),
                Quantity.of(now.requests() - reported.requests(), "request", "requests"),
                Quantity.of(now.connections() - reported.connections(), "connection", "connections"),
                Quantity.of(now.open(), "client", "clients"),
                Quantity.of(now.upstream(), "backend connection", "backend connections"),
                now.refused().isEmpty() ? "" : "; refused since the start: " + now.refused());
        reported = now;
    }

    private static String state(MemoryGuard.Verdict verdict) {
        return switch (verdict) {
            case WELL, WELL_AGAIN -> "Memory usage is OK";
            case COLLECT, REPLACE, TOO_YOUNG -> "Memory limit exceeded";
            case REPLACING -> "Memory limit exceeded, waiting for requests to complete,";
        };
    }

    /** Logs what the worker did in its life. The original did so before it ended because of its memory. */
    public void end(long nowNanos, boolean gracefully) {
        if (ticks != null) {
            ticks.cancel(false);
        }
        Traffic all = traffic.get();
        long minutes = Math.round((nowNanos - beginNanos) / 60e9);
        log.info(
                "MemoryMonitor: === {} report === Gracefully exited: {}, Uptime: {} {}, Requests: {}, Connections: {}",
                leavingForMemory ? "Exceeded memory" : "Exit",
                gracefully,
                minutes,
                minutes == 1 ? "minute" : "minutes",
                all.requests(),
                all.connections());
    }

    /** In the format of the original. */
    private static String megabytes(long bytes) {
        return "(" + Math.round(bytes / (1024.0 * 1024.0)) + "MB)";
    }
}
