package io.hipache.supervisor;

import io.hipache.accesslog.AccessLogFile;
import io.hipache.config.HipacheConfig;
import io.hipache.link.ProcessSignals;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that is started: opens the access log, binds the listening sockets, keeps the workers alive and obeys the
 * signals. It never reads a byte of HTTP.
 */
public final class Supervisor {
    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

    private static final int FAILED = 1;

    private final HipacheConfig config;
    private final ConfigSource source;
    private final WorkerCommandLine commandLine;
    private final MessageLog messages;
    private final ServiceNotifier service;

    private Supervisor(
            HipacheConfig config,
            ConfigSource source,
            WorkerCommandLine commandLine,
            MessageLog messages,
            ServiceNotifier service) {
        this.config = config;
        this.source = source;
        this.commandLine = commandLine;
        this.messages = messages;
        this.service = service;
    }

    /**
     * Runs the program until a signal ends it and returns the exit code.
     *
     * @param source where SIGHUP finds the configuration
     */
    public static int run(HipacheConfig config, ConfigSource source) {
        return run(config, source, WorkerCommandLine.HIPACHE);
    }

    /** As {@link #run(HipacheConfig, ConfigSource)}, with other workers. */
    public static int run(HipacheConfig config, ConfigSource source, WorkerCommandLine commandLine) {
        if (!Epoll.isAvailable()) {
            log.error("cannot start: epoll of Linux is needed ({})", String.valueOf(Epoll.unavailabilityCause()));
            return FAILED;
        }
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("sockets", true), EpollIoHandler.newFactory());
        ServiceNotifier service = new ServiceNotifier(group, System.getenv());
        try (MessageLog messages = MessageLog.open(config.server().log())) {
            return new Supervisor(config, source, commandLine, messages, service).start(group);
        } catch (StartException e) {
            e.problems().forEach(problem -> log.error("cannot start: {}", problem));
            return FAILED;
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private int start(EventLoopGroup group) throws StartException {
        List<String> problems = new ArrayList<>();
        AccessLogFile accessLog = openAccessLog(problems);
        ListeningSockets sockets = bind(group, problems);
        try {
            // who cannot be had is said before anything starts
            WorkerPrivileges.prefix(config);
        } catch (StartException e) {
            problems.addAll(e.problems());
        }
        if (accessLog == null || sockets == null || !problems.isEmpty()) {
            close(accessLog);
            close(sockets);
            throw new StartException(problems);
        }
        try (accessLog;
                sockets;
                SocketHandover handover = SocketHandover.open(group)) {
            OpenFiles.warning().ifPresent(log::warn);
            log.info("listening on {}", String.join(", ", sockets.urls()));
            return supervise(accessLog, sockets, handover);
        }
    }

    private int supervise(AccessLogFile accessLog, ListeningSockets sockets, SocketHandover handover) {
        CompletableFuture<Integer> broken = new CompletableFuture<>();
        try (SupervisorThread thread = new SupervisorThread(bug -> {
            log.error("the supervisor ends because of a bug", bug);
            broken.complete(FAILED);
        })) {
            TicketKeyRing tickets = new TicketKeyRing();
            Reload reload = new Reload(config, source, sockets, accessLog);
            WorkerSlots slots = new WorkerSlots(
                    config,
                    new WorkerLauncher(commandLine, sockets, handover, messages, tickets),
                    (worker, message) -> accessLog.append(((WorkerMessage.AccessLog) message).lines()),
                    RestartPolicy.DEFAULT,
                    thread,
                    new ServiceMilestones(service, sockets::urls, reload::complete));
            tickets.rotateEvery(TicketKeyRing.LIFETIME, thread, slots::tellAll);
            new SignsOfLife(service, thread, slots::isServing).begin();
            handleSignals(slots, reload, accessLog, thread);
            thread.run(slots::startAll);
            // workers that are left when it is broken see the end of their input when this process ends
            return CompletableFuture.anyOf(slots.exitCode(), broken)
                    .thenApply(Integer.class::cast)
                    .join();
        }
    }

    private void handleSignals(WorkerSlots slots, Reload reload, AccessLogFile accessLog, SupervisorThread thread) {
        AtomicInteger asked = new AtomicInteger();
        for (String signal : List.of("TERM", "INT")) {
            ProcessSignals.handle(signal, () -> {
                boolean first = asked.getAndIncrement() == 0;
                log.info("SIG{}: {}", signal, first ? "stopping" : "ending at once");
                thread.run(
                        first ? () -> slots.stopAll(0, reload.inForce().server().stopTimeout()) : slots::killAll);
            });
        }
        ProcessSignals.handle("HUP", () -> thread.run(() -> reload.run(slots)));
        ProcessSignals.handle("USR1", () -> {
            accessLog.reopen();
            messages.reopen();
        });
        // Java 17 takes it for one of its own and crashes
        ProcessSignals.ignore("USR2");
    }

    private @Nullable AccessLogFile openAccessLog(List<String> problems) {
        try {
            return AccessLogFile.open(config.server().accessLog());
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable ListeningSockets bind(EventLoopGroup group, List<String> problems) {
        try {
            return ListeningSockets.bind(config.listeners(), config.server().workers(), group);
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
