package io.hipache.proxy;

import io.hipache.fuzz.StrictReader;
import io.hipache.upstream.InMemoryChannel;
import java.util.ArrayList;
import java.util.List;

/** Backends of an {@link InMemoryProxy} that accept every connection and answer every complete request. */
final class AnsweringBackends {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

    private final InMemoryProxy proxy;
    private final List<Connection> connections = new ArrayList<>();

    AnsweringBackends(InMemoryProxy proxy) {
        this.proxy = proxy;
    }

    private static final class Connection {
        private final InMemoryChannel channel;
        private final StringBuilder received = new StringBuilder();
        private int answered;

        private Connection(InMemoryChannel channel) {
            this.channel = channel;
        }

        List<StrictReader.Message> requests() {
            return StrictReader.requests(received.toString());
        }
    }

    /** Does what there is to do. Returns whether there was anything. */
    boolean work() {
        boolean worked = false;
        while (proxy.backends().connecting() > 0) {
            connections.add(new Connection(proxy.accept()));
            worked = true;
        }
        for (Connection connection : connections) {
            worked |= answer(connection);
        }
        return worked;
    }

    private boolean answer(Connection connection) {
        String sent = connection.channel.sent();
        if (sent.isEmpty()) {
            return false;
        }
        connection.received.append(sent);
        List<StrictReader.Message> complete = connection.requests().stream()
                .filter(StrictReader.Message::complete)
                .toList();
        if (complete.size() > connection.answered + 1) {
            throw new AssertionError("two requests at once: " + connection.received);
        }
        if (complete.size() > connection.answered && connection.channel.isOpen()) {
            boolean toHead = complete.get(connection.answered++).startLine().startsWith("HEAD ");
            connection.channel.receive(toHead ? HEAD : HEAD + "ok");
        }
        return true;
    }

    /** All requests that arrived, each with exactly one Host. The last one of a connection may be incomplete. */
    List<StrictReader.Message> requests() {
        List<StrictReader.Message> requests = new ArrayList<>();
        for (Connection connection : connections) {
            for (StrictReader.Message request : connection.requests()) {
                boolean wholeHead = !request.fields().isEmpty();
                if (wholeHead && request.values("host").size() != 1) {
                    throw new AssertionError("not one Host: " + request);
                }
                requests.add(request);
            }
        }
        return requests;
    }

    /** Fails when backends got more requests than the proxy knows of. */
    void requireOneExchangeEach() {
        long exchanges = proxy.accessLog().size();
        if (requests().size() > exchanges) {
            throw new AssertionError(exchanges + " exchanges, but backends got " + requests());
        }
    }

    void runPendingTasks() {
        connections.forEach(connection -> connection.channel.runPendingTasks());
    }
}
