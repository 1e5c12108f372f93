package io.hipache.supervisor;

import io.hipache.accesslog.LogFile;
import io.hipache.config.ConfigException;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.WorkerCommandLine;
import io.hipache.supervisor.process.WorkerPrivileges;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SIGHUP does: reads the configuration again, binds new listening sockets and opens a new access log. When all of that
 * succeeds, the workers are replaced. Otherwise nothing changes. Confined to the {@link SupervisorThread}.
 */
final class Reload {
    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    private final ConfigSource source;
    private final ListeningSockets sockets;
    private final LogFile accessLog;
    private HipacheConfig inForce;

    Reload(HipacheConfig inForce, ConfigSource source, ListeningSockets sockets, LogFile accessLog) {
        this.inForce = inForce;
        this.source = source;
        this.sockets = sockets;
        this.accessLog = accessLog;
    }

    /** The configuration that new workers are started with. */
    HipacheConfig inForce() {
        return inForce;
    }

    void run(WorkerSlots slots) {
        HipacheConfig read;
        try {
            read = source.read();
            prepare(read);
        } catch (ConfigException e) {
            refuse(e.problems());
            return;
        } catch (StartException e) {
            refuse(e.problems());
            return;
        }
        if (!read.server().log().equals(inForce.server().log())) {
            log.warn("WARNING! server.log has changed, which takes effect only after a restart");
        }
        inForce = read;
        log.info("reloading, listening on {}", String.join(", ", sockets.urls()));
        slots.renewAll(read);
    }

    /** Call this when all workers run with {@code config}. */
    void complete(HipacheConfig config) {
        if (isInForce(config)) {
            log.info("reload complete, {} workers", config.server().workers());
            return;
        }
        // no worker could start with the new configuration
        try {
            prepare(config);
        } catch (StartException e) {
            e.problems().forEach(problem -> log.error("{}", problem));
        }
        inForce = config;
        log.info("the configuration before the reload is in force again");
    }

    @SuppressWarnings("ReferenceEquality") // two reads of the same text may differ: the text names files
    private boolean isInForce(HipacheConfig config) {
        return config == inForce;
    }

    private void prepare(HipacheConfig config) throws StartException {
        WorkerPrivileges.prefix(config);
        WorkerCommandLine.check(config.server());
        List<ListeningSocket> before = sockets.all();
        sockets.extend(config.listeners(), config.server().workers());
        String path = config.server().accessLog();
        if (path.equals(inForce.server().accessLog())) {
            return;
        }
        try {
            accessLog.moveTo(path);
        } catch (IOException e) {
            List<ListeningSocket> added = new ArrayList<>(sockets.all());
            added.removeAll(before);
            sockets.close(added);
            sockets.extend(inForce.listeners(), inForce.server().workers());
            throw new StartException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private static void refuse(List<String> problems) {
        problems.forEach(problem -> log.error("reload refused: {}", problem));
        log.error("the configuration stays as it was");
    }
}
