package io.hipache.cli;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.driver.redis.ClientName;
import io.hipache.snapshot.SnapshotFile;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        checks.folder("server.accessLog", config.server().accessLog());
        checks.folder("server.log", config.server().log());
        Path snapshot = config.server().snapshot();
        if (snapshot != null) {
            checks.snapshot(snapshot);
        }
        checks.redis();
        checks.found.addAll(config.dateProblems(Instant.now()));
        return checks.found;
    }

    private void port(Listener listener) {
        try {
            requireFree(listener);
        } catch (IOException e) {
            found.add(e.getMessage() + "; that is fine while a running Hipache has the address");
        }
    }

    /** @throws IOException with a message for the user, when somebody has the port, or this user may not have it */
    static void requireFree(Listener listener) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(listener.address()), listener.port()));
        } catch (IOException e) {
            throw new IOException("cannot listen on " + listener.url() + ": " + e.getMessage(), e);
        }
    }

    /** Hipache makes the folders of logs that are missing. */
    private void folder(String key, String file) {
        if (!file.startsWith("/")) {
            // standard output, standard error, syslog
            return;
        }
        Path present = Path.of(file);
        if (Files.exists(present)) {
            if (!Files.isWritable(present)) {
                found.add(key + ": " + present + " cannot be written by this user");
            }
            return;
        }
        @Nullable Path folder = present.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            found.add(key + ": " + file + " cannot be made, because this user cannot write to " + folder);
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
