package io.hipache.worker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import io.hipache.worker.memory.MemoryMonitor.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryMonitorTest {
    private final RecordedLog log = RecordedLog.of(MemoryMonitor.class);
    private final List<String> asked = new ArrayList<>();
    private final MemoryMonitor monitor;
    private long megabytes = 100;
    private long freed;
    private int collections;
    private Traffic traffic = new Traffic(0, 0, 0, 0, "", 0);

    MemoryMonitorTest() {
        monitor = monitorOfAWorkerThatBeganWith(100);
    }

    private MemoryMonitor monitorOfAWorkerThatBeganWith(long beginMegabytes) {
        return new MemoryMonitor(
                new MemoryGuard(256L << 20, beginMegabytes << 20, 0, 0),
                0,
                () -> megabytes << 20,
                () -> traffic,
                () -> {
                    collections++;
                    megabytes -= freed;
                },
                asked::add);
    }

    @AfterEach
    void end() {
        log.close();
    }

    @Test
    void saysOnceAMinuteWhatTheWorkerDid() {
        traffic = new Traffic(1_000, 40, 8, 4, "", 0);
        ticks(1, 60);
        traffic = new Traffic(1_250, 50, 9, 3, "2 connections", 0);
        ticks(61, 120);

        assertThat(messages())
                .containsExactly(
                        "MemoryMonitor: Memory usage is OK (100MB), 1000 requests and 40 connections in the last minute,"
                                + " 8 clients and 4 backend connections open",
                        "MemoryMonitor: Memory usage is OK (100MB), 250 requests and 10 connections in the last minute,"
                                + " 9 clients and 3 backend connections open; refused since the start: 2 connections");
    }

    @Test
    void asksForAReplacementWhenAllocationsKeepFailing() {
        for (int second = 1; second < MemoryMonitor.MOST_FAILING_TICKS; second++) {
            traffic = new Traffic(0, 0, 0, 0, "", second);
            ticks(second, second);
        }
        ticks(10, 10);
        assertThat(messages()).isEmpty();

        for (int second = 11; second <= 10 + MemoryMonitor.MOST_FAILING_TICKS; second++) {
            traffic = new Traffic(0, 0, 0, 0, "", second);
            ticks(second, second);
        }

        assertThat(messages())
                .containsExactly(
                        "MemoryMonitor: there has been no direct memory left for 10 s, asking for a replacement;"
                                + " raise server.memoryLimit");
    }

    @Test
    void collectsGarbageAndGoesOnWhenThatHelps() {
        ticks(1, 30);
        megabytes = 300;
        freed = 150;

        ticks(31, 40);

        assertThat(collections).isEqualTo(1);
        assertThat(asked).isEmpty();
        assertThat(messages())
                .containsExactly(
                        "MemoryMonitor: Memory limit exceeded (300MB), calling GC...",
                        "MemoryMonitor: Memory usage is OK after GC call (150MB)");
    }

    @Test
    void asksForAReplacementWhenItDoesNot() {
        ticks(1, 30);
        megabytes = 300;
        freed = 10;

        ticks(31, 45);

        assertThat(collections).isEqualTo(1);
        assertThat(asked).containsExactly("memory limit exceeded (290MB)");
        assertThat(messages())
                .containsExactly(
                        "MemoryMonitor: Memory limit exceeded (300MB), calling GC...",
                        "MemoryMonitor: Memory is still over the limit after GC call (290MB), asking for a replacement...");
    }

    @Test
    void saysThatALimitIsTooLowForAnyWorker() {
        megabytes = 300;
        MemoryMonitor tight = monitorOfAWorkerThatBeganWith(megabytes);

        tight.tick(Duration.ofSeconds(1).toNanos());
        tight.tick(Duration.ofSeconds(2).toNanos());

        assertThat(messages())
                .containsExactly("MemoryMonitor: server.memoryLimit is less than a worker needs (300MB), so this worker"
                        + " will be replaced again and again; raise server.memoryLimit");
    }

    @Test
    void reportsAtTheEndWhatTheWorkerDidInItsLife() {
        ticks(1, 30);
        megabytes = 300;
        ticks(31, 40);
        traffic = new Traffic(12_345, 678, 0, 0, "", 0);

        monitor.end(Duration.ofMinutes(125).toNanos(), false);

        assertThat(messages())
                .last()
                .isEqualTo(
                        "MemoryMonitor: === Exceeded memory report === Gracefully exited: false, Uptime: 125 minutes,"
                                + " Requests: 12345, Connections: 678");
    }

    @Test
    void reportsAtTheEndOfAnyOtherWorkerToo() {
        monitor.end(Duration.ofMinutes(1).toNanos(), true);

        assertThat(messages())
                .containsExactly("MemoryMonitor: === Exit report === Gracefully exited: true, Uptime: 1 minute,"
                        + " Requests: 0, Connections: 0");
    }

    private void ticks(int from, int to) {
        for (int second = from; second <= to; second++) {
            monitor.tick(Duration.ofSeconds(second).toNanos());
        }
    }

    private List<String> messages() {
        return log.lines();
    }
}
