package io.hipache.worker;

import io.hipache.admission.AdmissionLimits;
import io.hipache.config.HipacheConfig.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How much a worker takes in: what the configuration says, else what its memory and its open files allow. */
public final class WorkerLimits {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";

    /** Each connection may take 16 KB of {@code memoryLimit}. An idle one takes less. */
    private static final int CONNECTIONS_PER_MEGABYTE = 64;

    /** Files that are no connections: listening sockets, pipes, the store, the program itself. */
    private static final int OTHER_FILES = 128;

    private static final int LEAST = 64;

    private WorkerLimits() {}

    public static AdmissionLimits of(Server server) {
        return of(server, openFiles());
    }

    /** @param openFiles how many files this process may open */
    static AdmissionLimits of(Server server, int openFiles) {
        // a request needs two sockets, the client's and the backend's
        int connections = or(
                server.maxConnections(),
                Math.max(
                        LEAST,
                        Math.min((openFiles - OTHER_FILES) / 2, server.memoryLimit() * CONNECTIONS_PER_MEGABYTE)));
        return new AdmissionLimits(
                connections,
                or(server.maxRequests(), connections),
                Integer.MAX_VALUE,
                server.maxWaiting(),
                megabytes(server.bodyMemory(), server.memoryLimit() / 4),
                or(server.maxConnectionsPerAddress(), Math.max(1, connections / 2)),
                megabytes(server.headMemory(), server.memoryLimit() / 8),
                server.http2Window() << 10,
                server.minBodyRate(),
                tunnels(server.maxSockets(), server.maxTunnels()));
    }

    /** What a worker makes of each key whose 0 stands for a share of its memory and its open files, here and now. */
    public static Map<String, Integer> derived(Server server) {
        AdmissionLimits limits = of(server);
        return Map.of(
                "maxConnections", limits.connections(),
                "maxConnectionsPerAddress", limits.connectionsPerAddress(),
                "maxRequests", limits.requests(),
                "bodyMemory", (int) (limits.bodyBytes() >> 20),
                "headMemory", (int) (limits.headBytes() >> 20));
    }

    /** Without a single socket, no WebSocket could ever work. */
    private static int tunnels(int sockets, int percent) {
        return Math.max(1, (int) ((long) sockets * percent / 100));
    }

    private static int or(int configured, int otherwise) {
        return configured == 0 ? otherwise : configured;
    }

    private static long megabytes(int configured, int otherwise) {
        return (long) or(configured, Math.max(1, otherwise)) << 20;
    }

    private static int openFiles() {
        try {
            return openFiles(Files.readAllLines(LIMITS));
        } catch (IOException e) {
            return Integer.MAX_VALUE;
        }
    }

    static int openFiles(List<String> limits) {
        return limits.stream()
                .filter(line -> line.startsWith(OPEN_FILES))
                .map(line -> line.substring(OPEN_FILES.length()).strip().split(" +", 2)[0])
                .filter(soft -> soft.matches("\\d{1,9}"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }
}
