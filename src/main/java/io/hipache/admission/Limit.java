package io.hipache.admission;

/** A limit of {@link Admission}, with what is told of it when it is reached. */
public enum Limit {
    CONNECTIONS("a connection", "as many clients are connected as server.maxConnections allows"),
    IDLE_CONNECTIONS(
            "to keep the idle connection",
            "others need its place, see server.maxConnections and maxConnectionsPerAddress"),
    CONNECTIONS_PER_ADDRESS("a connection", "its address has as many as server.maxConnectionsPerAddress allows"),
    WAITING("a request", "as many wait for a socket of it as server.maxWaiting allows"),
    TUNNELS("an upgrade", "as many tunnels have a socket of it as server.maxTunnels allows"),
    REQUESTS("a request", "as many are under way as server.maxRequests allows"),
    HEAD_BYTES("a request head", "the heads of all requests take as much memory as server.headMemory allows"),
    BODY_BYTES("to read on", "the bodies that are kept take as much memory as server.bodyMemory allows"),
    BODY_RATE("a request", "its body comes slower than server.minBodyRate allows"),
    MEMORY("a connection", "the worker has no direct memory left; raise server.memoryLimit");

    private final String refused;
    private final String reason;

    Limit(String refused, String reason) {
        this.refused = refused;
        this.reason = reason;
    }

    String refused() {
        return refused;
    }

    String reason() {
        return reason;
    }
}
