package io.hipache.supervisor.process;

import java.util.List;

/**
 * The JVM's memory limits for a worker, in MB. They follow from {@code server.memoryLimit}, the resident set size above
 * which the worker asks to be replaced. Each of the three limits alone allows more growth than {@code server.memoryLimit}
 * leaves to a worker at rest. So whatever grows (connections and tunnels in the heap, bytes for slow clients in direct
 * memory), the worker exceeds {@code server.memoryLimit} first and is replaced in order. The JVM's limits still end a worker
 * that grows too fast for that.
 *
 * @param heap live objects are a few MB at rest, and some KB for each connection
 * @param directMemory Netty's buffers: the pool of one event loop, and bodies that wait for a slow side
 * @param metaspace classes, all of which are loaded after the first requests
 */
record WorkerMemory(int heap, int directMemory, int metaspace) {
    /** Resident set size of a worker that has served some thousand requests. */
    private static final int AT_REST = 90;

    // the parts of AT_REST; the remainder is code, threads and the JVM itself
    private static final int HEAP_AT_REST = 24;
    private static final int DIRECT_AT_REST = 8;
    private static final int METASPACE_AT_REST = 40;

    /** With less room a worker would die under load before it can be replaced. Such a low limit is logged as a warning. */
    private static final int LEAST_GROWTH = 40;

    /** Room above the limit, used until the worker is replaced and has finished its last requests. */
    private static final int MARGIN = 16;

    /** Above this heap size the JVM can no longer compress its pointers to 32 bits. */
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
                // of the JDK: it would collect garbage and sleep before it says that there is none left
                "-XX:MaxDirectMemorySize=" + directMemory + "m",
                // so Netty counts for itself, allocates past the JDK, and fails at once
                "-Dio.netty.maxDirectMemory=" + ((long) directMemory << 20),
                "-XX:MaxMetaspaceSize=" + metaspace + "m");
    }
}
