package io.hipache.supervisor.process;

import java.util.List;

/**
 * The JVM's limits for a worker, in MB, as they follow from {@code server.memoryLimit}, the resident set over which the
 * worker asks to be replaced. Any of the three alone can fill what the limit leaves above a worker at rest and some more.
 * So whatever grows (connections and tunnels in the heap, bytes for slow clients in direct memory), the worker is over
 * its limit, and replaced in order, before the JVM ends it for want of memory; and what grows too fast for that still
 * ends.
 *
 * @param heap what lives is a few MB at rest, and some KB for each connection
 * @param directMemory Netty's buffers: the pool of one loop, and bodies that wait for a slow side
 * @param metaspace classes, which are all loaded after the first requests
 */
record WorkerMemory(int heap, int directMemory, int metaspace) {
    /** Resident, of a worker that has served a few requests. */
    private static final int AT_REST = 100;

    /** Its part that is heap, direct memory, metaspace; the rest is code, threads and the JVM itself. */
    private static final int HEAP_AT_REST = 24;

    private static final int DIRECT_AT_REST = 8;
    private static final int METASPACE_AT_REST = 40;

    /** With less the worker would die under load instead of being replaced; the limit is too low then, and warned about. */
    private static final int LEAST_GROWTH = 40;

    /** What is still allowed above the limit, until the worker has asked, and while its last requests are finished. */
    private static final int MARGIN = 16;

    /** Above it the JVM gives up pointers of 32 bits. */
    private static final int MOST = 31 << 10;

    /** @param memoryLimit in MB */
    static WorkerMemory of(int memoryLimit) {
        int growth = Math.max(memoryLimit - AT_REST, LEAST_GROWTH) + MARGIN;
        return new WorkerMemory(
                Math.min(HEAP_AT_REST + growth, MOST),
                Math.min(DIRECT_AT_REST + growth, MOST),
                Math.min(METASPACE_AT_REST + growth, MOST));
    }

    List<String> flags() {
        return List.of(
                "-Xmx" + heap + "m",
                "-XX:MaxDirectMemorySize=" + directMemory + "m",
                "-XX:MaxMetaspaceSize=" + metaspace + "m");
    }
}
