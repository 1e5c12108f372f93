package io.hipache.process;

import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that each send one request after the other, with a pause between, on a connection that they leave only when an
 * answer says so. They check every answer.
 */
final class KeepAliveLoad implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean over;

    /** @param expected the body of every answer */
    static KeepAliveLoad on(int port, String host, String expected, int clients) {
        KeepAliveLoad load = new KeepAliveLoad();
        for (int i = 0; i < clients; i++) {
            Thread client = new Thread(() -> load.run(port, host, expected), "keep-alive-" + i);
            load.clients.add(client);
            client.start();
        }
        return load;
    }

    private void run(int port, String host, String expected) {
        while (!over) {
            try (RawClient client = RawClient.connect(port)) {
                boolean last = false;
                while (!over && !last) {
                    ReceivedResponse response = client.get(host, "/").readResponse();
                    if (!response.body().equals(expected)) {
                        failures.add(response.toString());
                    }
                    answered.incrementAndGet();
                    last = "close".equalsIgnoreCase(response.header("connection"));
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (RuntimeException | AssertionError e) {
                failures.add(e.toString());
            }
        }
    }

    long answered() {
        return answered.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Lets every client finish. */
    @Override
    public void close() {
        over = true;
        for (Thread client : clients) {
            try {
                client.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
