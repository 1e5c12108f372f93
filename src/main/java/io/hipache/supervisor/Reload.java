package io.hipache.supervisor;

import io.hipache.accesslog.LogFile;
import io.hipache.accesslog.LogMove;
import io.hipache.checker.ActiveChecks;
import io.hipache.config.ConfigException;
import io.hipache.config.HipacheConfig;
import io.hipache.config.LoadedConfig;
import io.hipache.messages.LogStyle;
import io.hipache.messages.Quantity;
import io.hipache.supervisor.admin.AdminListener;
import io.hipache.supervisor.common.Asker;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.MessageLog;
import io.hipache.supervisor.process.WorkerCommandLine;
import io.hipache.supervisor.process.WorkerPrivileges;
import io.hipache.supervisor.service.ServiceStatus;
import io.hipache.supervisor.slots.ReloadEnd;
import io.hipache.supervisor.slots.ReloadListener;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SIGHUP and {@code hipache reload} do: reads the configuration again, binds new listening sockets and opens new log
 * files. The workers then prepare the configuration, and when all of them have, everything follows it. If anything fails
 * before that, nothing changes. One reload at a time; all that are asked for meanwhile are one more, which follows. Confined
 * to the {@link SupervisorThread}.
 */
final class Reload {
    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    /** What a reload changes in this process. */
    record Resources(
            ListeningSockets sockets,
            LogFile accessLog,
            MessageLog messages,
            ServiceStatus service,
            Snapshot snapshot,
            AdminListener admin,
            ActiveChecks checks) {}

    private interface LogOpener {
        LogMove open() throws IOException;
    }

    private final ConfigSource source;
    private final Resources resources;
    private final WorkerSlots slots;
    private final Supplier<@Nullable String> obstacle;
    private final Scheduler scheduler;

    /** Those who asked for the reload that is under way. Null when there is none. */
    private @Nullable List<Asker> askers;
    /** What the configuration that was read last has to be warned about, one line each. */
    private List<String> warnings = List.of();

    /** Those who asked since it began. */
    private List<Asker> waiting = new ArrayList<>();

    /**
     * Waits for the first reload.
     *
     * @param obstacle why there can be no reload now, null when there can
     */
    Reload(
            ConfigSource source,
            Resources resources,
            WorkerSlots slots,
            Supplier<@Nullable String> obstacle,
            Scheduler scheduler) {
        this.source = source;
        this.resources = resources;
        this.slots = slots;
        this.obstacle = obstacle;
        this.scheduler = scheduler;
    }

    /** Reloads now, or after the reload that is under way. */
    void run(Asker asker) {
        if (askers != null) {
            log.info("another reload is under way, this one follows");
            waiting.add(asker);
            return;
        }
        askers = List.of(asker);
        begin();
    }

    private void begin() {
        resources.service().reloading();
        String refusal = obstacle.get();
        if (refusal != null) {
            refuse(List.of(refusal));
            return;
        }
        try {
            LoadedConfig loaded = read();
            warn(loaded.warnings());
            HipacheConfig config = loaded.config();
            Changes changes = prepare(config);
            log.info("reloading, the workers prepare the new configuration");
            slots.reload(config, changes);
        } catch (ConfigException e) {
            warn(e.warnings());
            refuse(e.problems());
        } catch (StartException e) {
            refuse(e.problems());
        }
    }

    private void warn(List<String> found) {
        warnings = found.stream().map(warning -> "WARNING! " + warning).toList();
        warnings.forEach(log::warn);
    }

    /** A file that reveals a bug must not end a program that serves. */
    private LoadedConfig read() throws ConfigException, StartException {
        try {
            return source.read();
        } catch (RuntimeException e) {
            log.error("cannot read the configuration: unexpected {}", e.toString(), e);
            throw new StartException(List.of("cannot read the configuration: unexpected " + e));
        }
    }

    private Changes prepare(HipacheConfig config) throws StartException {
        HipacheConfig.Server present = slots.inForce().server();
        HipacheConfig.Server server = config.server();
        WorkerPrivileges.prefix(config);
        if (!server.javaOptions().equals(present.javaOptions())) {
            // a process, which the processors have no time for while they serve
            WorkerCommandLine.check(server);
        }
        Changes changes = new Changes(config, resources.sockets().all());
        try {
            resources.sockets().extend(config.listeners(), server.workers());
            if (!server.accessLog().equals(present.accessLog())) {
                changes.open("server.accessLog", () -> resources.accessLog().prepareMove(server.accessLog()));
            }
            if (!Objects.equals(server.admin(), present.admin())
                    || !server.deadBackendTtl().equals(present.deadBackendTtl())
                    || !config.files().equals(slots.inForce().files())) {
                changes.open("server.admin", () -> resources.admin().prepareMove(config));
            }
            if (!server.log().equals(present.log())) {
                changes.open("server.log", () -> resources.messages().prepareMove(server.log()));
            }
            return changes;
        } catch (StartException e) {
            changes.drop();
            throw e;
        }
    }

    private void refuse(List<String> problems) {
        List<String> lines = new ArrayList<>();
        problems.forEach(problem -> lines.add("reload refused: " + problem));
        lines.add("the configuration stays as it was");
        lines.forEach(log::error);
        end(false, lines);
    }

    private void end(boolean complete, List<String> lines) {
        List<Asker> informed = askers == null ? List.of() : askers;
        askers = null;
        List<String> all = new ArrayList<>(warnings);
        all.addAll(lines);
        warnings = List.of();
        resources.service().reloaded();
        resources.admin().reloaded(complete, String.join("; ", lines));
        informed.forEach(asker -> asker.ended(complete, all));
        if (!waiting.isEmpty()) {
            List<Asker> next = waiting;
            waiting = new ArrayList<>();
            askers = next;
            // the slots take the last steps of this one first
            scheduler.run(this::begin);
        }
    }

    /** What was opened for a configuration, until the workers follow it or not. */
    private final class Changes implements ReloadListener {
        private final HipacheConfig config;
        private final List<ListeningSocket> before;
        private final List<LogMove> moves = new ArrayList<>();

        private Changes(HipacheConfig config, List<ListeningSocket> before) {
            this.config = config;
            this.before = before;
        }

        private void open(String key, LogOpener opener) throws StartException {
            try {
                moves.add(opener.open());
            } catch (IOException e) {
                throw new StartException(List.of(key + ": " + e.getMessage()));
            }
        }

        @Override
        public void switched() {
            moves.forEach(LogMove::make);
            LogStyle.use(config.server().debug(), config.server().isoLogTime());
            resources.snapshot().follow(config);
            resources.checks().follow(config);
            log.info(
                    "the new configuration is in force, listening on {}",
                    String.join(", ", resources.sockets().urls()));
        }

        /** Further sockets of an address that was there stay open: workers may have accepted from them already. */
        private void drop() {
            moves.forEach(LogMove::drop);
            HipacheConfig inForce = slots.inForce();
            List<ListeningSocket> added = new ArrayList<>(resources.sockets().all());
            added.removeAll(before);
            added.removeIf(socket -> socket.indexIn(inForce.listeners()) >= 0);
            resources.sockets().close(added);
            resources.sockets().listensAsBefore(inForce.listeners());
        }

        @Override
        public void ended(ReloadEnd end) {
            if (!end.switched()) {
                drop();
                refuse(end.problems());
            } else if (!end.problems().isEmpty()) {
                incomplete(end);
            } else {
                String line = "reload complete, " + Quantity.of(config.server().workers(), "worker", "workers") + ", "
                        + replaced(end);
                log.info(line);
                Reload.this.end(true, end.storeProblem().isEmpty() ? List.of(line) : List.of(store(end), line));
            }
        }

        /** Each worker has a line of its own in the log. Who asked reads no log. */
        private static String store(ReloadEnd end) {
            return "WARNING! driver: " + end.storeProblem()
                    + "; it is followed nevertheless, because the store before could not be used either";
        }

        private void incomplete(ReloadEnd end) {
            List<String> lines = new ArrayList<>();
            end.problems().forEach(problem -> lines.add("reload incomplete: " + problem));
            lines.add("the new configuration is in force, " + replaced(end)
                    + (end.keys().isEmpty()
                            ? ""
                            : "; the others keep their processes, without the change of "
                                    + String.join(", ", end.keys())));
            lines.forEach(log::error);
            Reload.this.end(false, lines);
        }

        private static String replaced(ReloadEnd end) {
            if (end.replaced() == 0) {
                return "no process was replaced";
            }
            return Quantity.of(end.replaced(), "process was", "processes were") + " replaced ("
                    + String.join(", ", end.keys()) + ")";
        }
    }
}
