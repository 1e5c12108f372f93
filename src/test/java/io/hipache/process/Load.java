package io.hipache.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that each open one connection after the other, send a request on it and check the answer, until it ends. */
final class Load implements AutoCloseable {
    private static final int SOCKET_MILLIS = 20_000;

    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong slowestMillis = new AtomicLong();
    private volatile boolean over;

    /** @param delayMillis how long each request takes */
    static Load on(int port, int clients, long delayMillis) {
        Load load = new Load();
        for (int i = 0; i < clients; i++) {
            Thread client = new Thread(() -> load.run(port, delayMillis), "load-" + i);
            load.clients.add(client);
            client.start();
        }
        return load;
    }

    private void run(int port, long delayMillis) {
        while (!over) {
            long start = System.nanoTime();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(SOCKET_MILLIS);
                String request = "GET /" + delayMillis + " HTTP/1.1\r\nHost: any\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                RunningProgram.answer(socket);
                answered.incrementAndGet();
            } catch (IOException | AssertionError e) {
                failures.add(e.toString());
            }
            slowestMillis.accumulateAndGet((System.nanoTime() - start) / 1_000_000, Math::max);
        }
    }

    long answered() {
        return answered.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** The longest that a client waited since the last call. */
    long slowestMillis() {
        return slowestMillis.getAndSet(0);
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
