package io.hipache.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Records every buffer that was garbage-collected before it was released. The build names this class to Netty, which
 * creates the instances.
 */
public final class LeakDetector<T> extends ResourceLeakDetector<T> {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    // Netty looks for both constructors by reflection

    public LeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    @SuppressWarnings("unused")
    public LeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    /** Fails the test when a buffer has leaked. */
    public static void expectNone() {
        for (int i = 0; i < 3 && LEAKS.isEmpty(); i++) {
            System.gc();
            // the detector reports the collected buffers whenever it begins to track another one
            ByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
        List<String> leaks = List.copyOf(LEAKS);
        LEAKS.clear();
        if (!leaks.isEmpty()) {
            throw new AssertionError("buffers were not released:\n" + String.join("\n", leaks));
        }
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        // Lettuce keeps its read buffer when a test ends the event loop under an open connection
        if (!records.contains("io.lettuce")) {
            LEAKS.add(resourceType + records);
        }
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        LEAKS.add(resourceType);
    }
}
