package io.hipache.cli;

import io.hipache.accesslog.LogFile;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Admin;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.driver.redis.ClientName;
import io.hipache.snapshot.SnapshotFile;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import io.hipache.supervisor.admin.AdminListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What on this machine would be in the way of a configuration that is right in itself: ports, folders, Redis, certificates that
 * are not valid now. Changes nothing. Waits for Redis for some seconds at most.
 */
final class MachineChecks {
    private final HipacheConfig config;
    private final List<String> found = new ArrayList<>();

    private MachineChecks(HipacheConfig config) {
        this.config = config;
    }

    /** What was found, one line each. */
    static List<String> of(HipacheConfig config) {
        MachineChecks checks = new MachineChecks(config);
        config.listeners().forEach(checks::port);
        Admin admin = config.server().admin();
        if (admin != null) {
            checks.admin(admin);
        }
        checks.log("server.accessLog", config.server().accessLog());
        checks.log("server.log", config.server().log());
        Path snapshot = config.server().snapshot();
        if (snapshot != null) {
            checks.snapshot(snapshot);
        }
        checks.redis();
        checks.found.addAll(config.dateProblems(Instant.now()));
        return checks.found;
    }

    private void port(Listener listener) {
        port(listener.url(), listener.address(), listener.port());
    }

    private void admin(Admin admin) {
        String name = admin.place() + " (server.admin)";
        if (admin.socket() == null) {
            port(name, admin.address(), admin.port());
            return;
        }
        try {
            AdminListener.requireFree(admin);
        } catch (IOException e) {
            found.add("cannot listen on " + name + ": " + withExcuse(String.valueOf(e.getMessage())));
        }
    }

    private void port(String name, String address, int port) {
        try {
            requireFree(name, address, port);
        } catch (IOException e) {
            found.add(withExcuse(String.valueOf(e.getMessage())));
        }
    }

    /** A port that somebody has may be that of the program that runs; nothing else goes away with it. */
    private static String withExcuse(String problem) {
        return problem.endsWith("in use")
                ? problem + "; that is fine while a running Hipache has the address"
                : problem;
    }

    /** @throws IOException with a message for the user, when somebody has the port, or this user may not have it */
    static void requireFree(Listener listener) throws IOException {
        requireFree(listener.url(), listener.address(), listener.port());
    }

    private static void requireFree(String name, String address, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        } catch (IOException e) {
            throw new IOException("cannot listen on " + name + ": " + reason(String.valueOf(e.getMessage())), e);
        }
    }

    /** As the start says it. The JDK tells the error of the kernel by its text only. */
    private static String reason(String message) {
        if (message.startsWith("Address already in use")) {
            return "the port is in use";
        }
        return message.startsWith("Cannot assign requested address")
                ? "this machine does not have the address"
                : message;
    }

    private void log(String key, String file) {
        String obstacle = LogFile.obstacle(file);
        if (obstacle != null) {
            found.add(key + ": " + file + " cannot be written: " + obstacle);
        }
    }

    /** Unlike the folder of a log, this one must be there. */
    private void snapshot(Path file) {
        String obstacle = SnapshotFile.obstacle(file);
        if (obstacle != null) {
            found.add("server.snapshot: " + file + " cannot be written: " + obstacle);
        }
    }

    private void redis() {
        try (StoreConnection store = new StoreConnection(StoreEndpoints.of(config), ClientName.CLI)) {
            store.ping();
        } catch (StoreException e) {
            found.add("driver: " + e.getMessage());
        }
    }
}
