package io.hipache.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports on which nothing listens. None of them is taken before the test uses it: they are below those that Linux gives to
 * sockets that ask for any port, as other tests do meanwhile, and each JVM of the build has its own.
 */
final class FreePorts {
    private static final int FIRST = 10_000;
    /** Linux gives ports from 32768 on. A node of a Redis Cluster also listens on its port plus 10,000. */
    private static final int END = 20_000;

    private static final int MOST_JVMS = 8;
    private static final int COUNT = (END - FIRST) / MOST_JVMS;
    private static final int JVM = Integer.getInteger("test.fork", 0) % MOST_JVMS;
    /** Begins anywhere, because of other builds on this machine. */
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private FreePorts() {}

    static int next() {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT * MOST_JVMS + JVM;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
