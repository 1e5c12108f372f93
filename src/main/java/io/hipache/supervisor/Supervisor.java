package io.hipache.supervisor;

import io.hipache.accesslog.LogFile;
import io.hipache.checker.ActiveChecks;
import io.hipache.config.HipacheConfig;
import io.hipache.link.ProcessName;
import io.hipache.link.SocketHandover;
import io.hipache.link.SuccessionLink;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.Quantity;
import io.hipache.supervisor.admin.AdminListener;
import io.hipache.supervisor.admin.Facts;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.MessageLog;
import io.hipache.supervisor.process.NativeLibraries;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.process.TicketKeyRing;
import io.hipache.supervisor.process.WorkerCommandLine;
import io.hipache.supervisor.process.WorkerLauncher;
import io.hipache.supervisor.process.WorkerProcesses;
import io.hipache.supervisor.service.ServiceNotifier;
import io.hipache.supervisor.service.ServiceStatus;
import io.hipache.supervisor.service.ServiceWatchdog;
import io.hipache.supervisor.slots.RestartPolicy;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.hipache.supervisor.upgrade.Predecessor;
import io.hipache.supervisor.upgrade.Succession;
import io.hipache.supervisor.upgrade.Successors;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main process: opens the access log, binds the listening sockets, keeps the workers alive and obeys the signals. It
 * never reads a byte of a client.
 */
public final class Supervisor {
    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

    private static final int FAILED = 1;
    /** How much longer than its stop timeout a predecessor may take to end. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private final HipacheConfig config;
    private final ConfigSource source;
    private final WorkerProcesses processes;
    private final Succession succession;
    private final MessageLog messages;
    private final ServiceNotifier service;

    private Supervisor(
            HipacheConfig config,
            ConfigSource source,
            WorkerProcesses processes,
            Succession succession,
            MessageLog messages,
            ServiceNotifier service) {
        this.config = config;
        this.source = source;
        this.processes = processes;
        this.succession = succession;
        this.messages = messages;
        this.service = service;
    }

    /**
     * Runs the program until a signal ends it, and returns the exit code.
     *
     * @param source reads the configuration again on SIGHUP
     */
    public static int run(HipacheConfig config, ConfigSource source, Succession succession) {
        return run(config, source, succession, WorkerCommandLine.HIPACHE);
    }

    /** As {@link #run(HipacheConfig, ConfigSource, Succession)}, with other workers. */
    public static int run(
            HipacheConfig config, ConfigSource source, Succession succession, WorkerCommandLine commandLine) {
        ProcessName.set("hipache: superv");
        try {
            NativeLibraries.prepare();
        } catch (StartException e) {
            e.problems().forEach(problem -> log.error("cannot start: {}", problem));
            return FAILED;
        }
        try (WorkerProcesses processes = new WorkerProcesses(commandLine)) {
            // before everything that takes time
            List<String> problems = startAhead(processes, config, succession);
            return run(config, source, succession, processes, problems);
        }
    }

    /**
     * Starts a worker's process ahead. None starts ahead while the workers of a predecessor serve, because they need the
     * processors. Nor does one with options of Java: their test, which comes later, writes to the same files.
     *
     * @return the problems with the rights of the workers, which are reported with all others
     */
    private static List<String> startAhead(WorkerProcesses processes, HipacheConfig config, Succession succession) {
        try {
            if (succession.predecessor() == Succession.NOBODY
                    && config.server().javaOptions().isEmpty()) {
                processes.startAhead(config);
            } else {
                processes.testRights(config);
            }
            return List.of();
        } catch (StartException e) {
            return e.problems();
        }
    }

    private static int run(
            HipacheConfig config,
            ConfigSource source,
            Succession succession,
            WorkerProcesses processes,
            List<String> problems) {
        if (!Epoll.isAvailable()) {
            log.error("cannot start: Linux with epoll is required ({})", String.valueOf(Epoll.unavailabilityCause()));
            return FAILED;
        }
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("sockets", true), EpollIoHandler.newFactory());
        ServiceNotifier service = new ServiceNotifier(group, System.getenv());
        try (MessageLog messages = MessageLog.open(config.server().log())) {
            Supervisor supervisor = new Supervisor(config, source, processes, succession, messages, service);
            return succession.predecessor() == Succession.NOBODY
                    ? supervisor.start(group, null, problems)
                    : supervisor.takeOver(group, problems);
        } catch (StartException e) {
            e.problems().forEach(problem -> log.error("cannot start: {}", problem));
            if (succession.predecessor() != Succession.NOBODY) {
                Predecessor.refuse(group, succession.predecessor(), String.join("; ", e.problems()));
            }
            return FAILED;
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private int takeOver(EventLoopGroup group, List<String> problems) throws StartException {
        // until the predecessor retires, it reports to the service manager
        service.mute();
        try (Predecessor predecessor = Predecessor.connect(
                group, succession.predecessor(), config.server().workers(), service.hasManager())) {
            try {
                return start(group, predecessor, problems);
            } catch (StartException e) {
                predecessor.callOff(String.valueOf(e.getMessage()));
                throw e;
            }
        }
    }

    private int start(EventLoopGroup group, @Nullable Predecessor predecessor, List<String> problemsOfWorkers)
            throws StartException {
        List<String> problems = new ArrayList<>();
        AdminListener admin = openAdminListener(group, predecessor != null, problems);
        ListeningSockets sockets = bind(group, predecessor, problems);
        problems.addAll(problemsOfWorkers);
        try {
            WorkerCommandLine.check(config.server());
        } catch (StartException e) {
            problems.addAll(e.problems());
        }
        // the last one, because its folder stays behind where the start fails
        LogFile accessLog = openAccessLog(problems);
        if (accessLog == null || sockets == null || admin == null || !problems.isEmpty()) {
            close(accessLog);
            close(admin);
            close(sockets);
            throw new StartException(problems);
        }
        try (accessLog;
                sockets;
                admin;
                SocketHandover handover = SocketHandover.open(group)) {
            OpenFileLimit.warning().ifPresent(log::warn);
            log.info("listening on {}", String.join(", ", sockets.urls()));
            return supervise(group, predecessor, accessLog, sockets, admin, handover);
        }
    }

    private int supervise(
            EventLoopGroup group,
            @Nullable Predecessor predecessor,
            LogFile accessLog,
            ListeningSockets sockets,
            AdminListener admin,
            SocketHandover handover) {
        CompletableFuture<Integer> broken = new CompletableFuture<>();
        Consumer<Throwable> onBug = bug -> {
            try {
                log.error("the supervisor ends because of a bug, or because it is out of memory", bug);
            } finally {
                broken.complete(FAILED);
            }
        };
        // a thread that ends unexpectedly would leave a part of the supervisor without life
        Thread.setDefaultUncaughtExceptionHandler((thread, bug) -> onBug.accept(bug));
        try (SupervisorThread thread = new SupervisorThread(onBug);
                Snapshot snapshot = Snapshot.open(config);
                ActiveChecks checks = new ActiveChecks(admin::found)) {
            TicketKeyRing tickets = predecessor == null ? new TicketKeyRing() : predecessor.tickets();
            CompletableFuture<@Nullable Void> complete = new CompletableFuture<>();
            CompletableFuture<String> noStore = new CompletableFuture<>();
            ServiceStatus status = new ServiceStatus(service, sockets::urls, () -> complete.complete(null));
            WorkerSlots slots = new WorkerSlots(
                    config,
                    new WorkerLauncher(processes, sockets, handover, messages, tickets, snapshot),
                    (worker, message) -> takeAside(worker, message, accessLog, snapshot, admin),
                    RestartPolicy.DEFAULT,
                    thread,
                    status,
                    predecessor != null,
                    predecessor != null && predecessor.isStoreUsable() ? noStore::complete : null);
            Runnable reopenOwnLogs = () -> {
                accessLog.reopen();
                messages.reopen();
            };
            Successors successors = new Successors(
                    succession,
                    new Successors.Resources(slots::inForce, sockets, handover, tickets, service, snapshot, checks),
                    slots,
                    thread,
                    predecessor,
                    reopenOwnLogs);
            tickets.rotateEvery(TicketKeyRing.LIFETIME, thread, slots::sendToAll);
            new CertificateWatch(slots::inForce, Instant::now, thread).start();
            new ServiceWatchdog(service, thread, slots::isServing).start();
            if (predecessor != null) {
                predecessor.onReopen(reopenOwnLogs);
                // the log has the reason once, and both supervisors mostly write to the same one
                String saysWhy = predecessor + " says why";
                predecessor.onCalledOff(why -> thread.run(() -> calledOff(saysWhy, slots)));
                noStore.thenAccept(worker -> thread.run(() -> {
                    String why = worker + ", which the workers of the running supervisor can use";
                    calledOff(predecessor.callOff(why) ? saysWhy : why, slots);
                }));
                complete.thenRun(
                        () -> predecessor.letRetire(() -> thread.run(() -> takeCharge(sockets, successors, snapshot))));
            }
            snapshot.tellWorkers(news -> thread.run(() -> slots.sendToAll(news)));
            if (predecessor == null) {
                snapshot.startWriting();
            }
            Reload reload = new Reload(
                    source,
                    new Reload.Resources(sockets, accessLog, messages, status, snapshot, admin, checks),
                    slots,
                    successors::obstacleToReload,
                    thread);
            admin.ask(facts -> thread.run(() -> facts.accept(
                    new Facts(slots.inForce(), slots.isServing(), slots.isEnding(), slots.isStoreUsable()))));
            new SupervisorSignals(thread, slots, reload, successors).handle();
            Channel upgradeSocket = listenForSuccessors(new SupervisorRequests(reload, successors, thread), group);
            // so that commands find the one that is in charge
            thread.run(() -> successors.onHandOver(() -> close(upgradeSocket == null ? null : upgradeSocket::close)));
            thread.run(slots::startAll);
            thread.run(() -> checks.follow(config));
            // workers that are left after a bug see the end of their input when this process ends
            int code = CompletableFuture.anyOf(slots.exitCode(), broken)
                    .thenApply(Integer.class::cast)
                    .join();
            close(upgradeSocket == null ? null : () -> upgradeSocket.close().awaitUninterruptibly());
            if (predecessor != null && code == 0) {
                predecessor.awaitEnd(slots.inForce().server().stopTimeout().plus(MARGIN));
            }
            return code;
        }
    }

    private void calledOff(String why, WorkerSlots slots) {
        log.error("the upgrade was called off, this supervisor ends: {}", why);
        slots.stopAll(FAILED, config.server().stopTimeout());
    }

    private static void takeAside(
            RunningWorker worker, WorkerMessage message, LogFile accessLog, Snapshot snapshot, AdminListener admin) {
        if (message instanceof WorkerMessage.AccessLog lines) {
            accessLog.append(lines.lines());
        } else if (message instanceof WorkerMessage.Known known) {
            snapshot.received(known);
        } else if (message instanceof WorkerMessage.Figures figures) {
            admin.received(worker, figures);
        }
    }

    private void takeCharge(ListeningSockets sockets, Successors successors, Snapshot snapshot) {
        log.info("upgrade complete, {}", Quantity.of(config.server().workers(), "worker", "workers"));
        service.unmute();
        service.ready("serving " + String.join(", ", sockets.urls()));
        successors.tookOver();
        snapshot.startWriting();
    }

    /** Listens for successors. When that fails, no upgrade is possible, but everything else works. */
    private static @Nullable Channel listenForSuccessors(SuccessionLink.Listener successors, EventLoopGroup group) {
        try {
            return SuccessionLink.listen(group, ProcessHandle.current().pid(), successors);
        } catch (IOException e) {
            log.warn("WARNING! upgrades in place will not be possible: {}", e.getMessage());
            return null;
        }
    }

    /** Where there are problems already, only says what would be in the way as well. */
    private @Nullable LogFile openAccessLog(List<String> problems) {
        String path = config.server().accessLog();
        if (!problems.isEmpty()) {
            String obstacle = LogFile.obstacle(path);
            if (obstacle != null) {
                problems.add("cannot open the access log " + path + ": " + obstacle);
            }
            return null;
        }
        try {
            return LogFile.open(path);
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable AdminListener openAdminListener(EventLoopGroup group, boolean takesOver, List<String> problems) {
        try {
            return AdminListener.open(group, config, takesOver);
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable ListeningSockets bind(
            EventLoopGroup group, @Nullable Predecessor predecessor, List<String> problems) {
        try {
            return predecessor == null
                    ? ListeningSockets.bind(config.listeners(), config.server().workers(), group)
                    : predecessor.sockets(config, group);
        } catch (StartException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    private static void close(@Nullable AutoCloseable opened) {
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (Exception e) {
            log.debug("closing failed: {}", e.toString());
        }
    }
}
