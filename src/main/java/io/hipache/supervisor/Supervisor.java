package io.hipache.supervisor;

import io.hipache.accesslog.AccessLogFile;
import io.hipache.config.ConfigJson;
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
    private final WorkerCommandLine commandLine;
    private final MessageLog messages;
    private final ServiceNotifier service;

    private Supervisor(
            HipacheConfig config, WorkerCommandLine commandLine, MessageLog messages, ServiceNotifier service) {
        this.config = config;
        this.commandLine = commandLine;
        this.messages = messages;
        this.service = service;
    }

    /** Runs the program until a signal ends it and returns the exit code. */
    public static int run(HipacheConfig config) {
        return run(config, WorkerCommandLine.HIPACHE);
    }

    /** As {@link #run(HipacheConfig)}, with other workers. */
    public static int run(HipacheConfig config, WorkerCommandLine commandLine) {
        if (!Epoll.isAvailable()) {
            log.error("cannot start: epoll of Linux is needed ({})", String.valueOf(Epoll.unavailabilityCause()));
            return FAILED;
        }
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("sockets", true), EpollIoHandler.newFactory());
        ServiceNotifier service = new ServiceNotifier(group, System.getenv());
        try (MessageLog messages = MessageLog.open(config.server().log())) {
            return new Supervisor(config, commandLine, messages, service).start(group);
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
        WorkerCommandLine workers = withPrivileges(problems);
        if (accessLog == null || sockets == null || workers == null) {
            close(accessLog);
            close(sockets);
            throw new StartException(problems);
        }
        try (accessLog;
                sockets;
                SocketHandover handover = SocketHandover.open(group)) {
            OpenFiles.warning().ifPresent(log::warn);
            log.info("listening on {}", String.join(", ", sockets.urls()));
            return supervise(workers, accessLog, sockets, handover);
        }
    }

    private int supervise(
            WorkerCommandLine workers, AccessLogFile accessLog, ListeningSockets sockets, SocketHandover handover) {
        CompletableFuture<Integer> broken = new CompletableFuture<>();
        try (SupervisorThread thread = new SupervisorThread(bug -> {
            log.error("the supervisor ends because of a bug", bug);
            broken.complete(FAILED);
        })) {
            TicketKeyRing tickets = speaksTls() ? new TicketKeyRing() : null;
            WorkerLauncher launcher =
                    new WorkerLauncher(workers, ConfigJson.encode(config), sockets, handover, messages, tickets);
            WorkerSlots slots = new WorkerSlots(
                    config.server().workers(),
                    launcher,
                    (worker, message) -> accessLog.append(((WorkerMessage.AccessLog) message).lines()),
                    RestartPolicy.DEFAULT,
                    thread,
                    new ServiceMilestones(service, sockets::urls));
            if (tickets != null) {
                tickets.rotateEvery(TicketKeyRing.LIFETIME, thread, slots::tellAll);
            }
            new SignsOfLife(service, thread, slots::isServing).begin();
            handleSignals(slots, accessLog, thread);
            thread.run(slots::startAll);
            // workers that are left when it is broken see the end of their input when this process ends
            return CompletableFuture.anyOf(slots.exitCode(), broken)
                    .thenApply(Integer.class::cast)
                    .join();
        }
    }

    private boolean speaksTls() {
        return config.listeners().stream().anyMatch(listener -> listener.tls() != null);
    }

    private void handleSignals(WorkerSlots slots, AccessLogFile accessLog, SupervisorThread thread) {
        AtomicInteger asked = new AtomicInteger();
        for (String signal : List.of("TERM", "INT", "HUP")) {
            ProcessSignals.handle(signal, () -> {
                boolean first = asked.getAndIncrement() == 0;
                log.info("SIG{}: {}", signal, first ? "stopping" : "ending at once");
                thread.run(first ? () -> slots.stopAll(0, config.server().stopTimeout()) : slots::killAll);
            });
        }
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

    private @Nullable WorkerCommandLine withPrivileges(List<String> problems) {
        try {
            return commandLine.after(WorkerPrivileges.prefix(config));
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
