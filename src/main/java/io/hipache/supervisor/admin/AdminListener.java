package io.hipache.supervisor.admin;

import io.hipache.accesslog.LogMove;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Admin;
import io.hipache.figures.Expiry;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.admin.frontends.Frontends;
import io.hipache.supervisor.process.RunningWorker;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the admin listener, and has it follow the configuration. Without one in the configuration nothing is kept, and hardly
 * a class is loaded. Any thread may call it.
 */
public final class AdminListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdminListener.class);
    private static final int RETRY_SECONDS = 1;

    private final EventLoopGroup group;
    private volatile @Nullable Consumer<Consumer<Facts>> supervisor;
    private volatile @Nullable Running running;
    private boolean closed;

    /** What there is while the configuration has an admin listener. */
    private static final class Running implements AdminHandler.Source {
        private final Admin admin;
        private final Duration deadBackendTtl;
        private final Totals totals;
        private final AdminPages pages;
        private final Frontends frontends;
        private final FrontendPages frontendPages;
        private final AdminListener listener;
        private final CompletableFuture<List<Expiry>> certificates;
        /** Null while another process has the address. */
        private @Nullable AdminServer server;

        Running(AdminListener listener, HipacheConfig config, Admin admin, Totals totals) {
            this.listener = listener;
            this.admin = admin;
            this.deadBackendTtl = config.server().deadBackendTtl();
            this.totals = totals;
            this.certificates = certificates(config);
            this.pages = new AdminPages(totals, () -> certificates.getNow(List.of()), Version.number());
            this.frontends = new Frontends(config, new SeenHosts(totals));
            this.frontendPages = new FrontendPages(frontends);
        }

        /** Parsing may take a second where there are many. */
        private static CompletableFuture<List<Expiry>> certificates(HipacheConfig config) {
            CompletableFuture<List<Expiry>> read = new CompletableFuture<>();
            Thread reader = new Thread(
                    () -> read.complete(config.certificateEnds().stream()
                            .map(end -> new Expiry(end.host(), end.until().toEpochMilli()))
                            .toList()),
                    "certificate-ends");
            reader.setDaemon(true);
            reader.start();
            return read;
        }

        @Override
        public AdminPages pages() {
            return pages;
        }

        @Override
        public FrontendPages frontends() {
            return frontendPages;
        }

        @Override
        public boolean allowsWrites() {
            return admin.write();
        }

        @Override
        public CompletableFuture<Facts> facts() {
            CompletableFuture<Facts> facts = new CompletableFuture<>();
            Consumer<Consumer<Facts>> asked = listener.supervisor;
            if (asked != null) {
                asked.accept(facts::complete);
            }
            return facts;
        }

        @Override
        public @Nullable String token() {
            return admin.token();
        }
    }

    private AdminListener(EventLoopGroup group) {
        this.group = group;
    }

    /**
     * Opens the admin listener of a configuration, if it has one. Until {@link #ask} is called, its pages are not ready.
     *
     * @param takesOver whether another supervisor, from which this one takes over, may have the address
     * @throws IOException with a message for the administrator
     */
    public static AdminListener open(EventLoopGroup group, HipacheConfig config, boolean takesOver) throws IOException {
        AdminListener listener = new AdminListener(group);
        Admin admin = config.server().admin();
        if (admin != null) {
            Running first = listener.run(config, admin, null);
            try {
                first.server = listener.server(admin, takesOver);
            } catch (IOException e) {
                if (!takesOver) {
                    throw e;
                }
                log.warn("WARNING! {}; it is tried again every {} s", e.getMessage(), RETRY_SECONDS);
                listener.retryLater(first);
            }
            listener.running = first;
        }
        return listener;
    }

    /**
     * Looks whether the unix socket of a configuration could be made. Changes nothing.
     *
     * @throws IOException with a reason for the administrator
     */
    public static void requireFree(Admin admin) throws IOException {
        if (admin.socket() != null) {
            SocketFile.at(admin.socket()).check(false);
        }
    }

    private void retryLater(Running waiting) {
        group.schedule(
                () -> {
                    // binding waits for a thread of the group, which therefore cannot do it
                    Thread binder = new Thread(() -> retry(waiting), "admin-bind");
                    binder.setDaemon(true);
                    binder.start();
                },
                RETRY_SECONDS,
                TimeUnit.SECONDS);
    }

    private synchronized void retry(Running waiting) {
        if (running != waiting || closed) {
            return;
        }
        try {
            waiting.server = server(waiting.admin, true);
            log.info("the admin listener is at {}", waiting.admin.place());
        } catch (IOException e) {
            retryLater(waiting);
        }
    }

    private Running run(HipacheConfig config, Admin admin, @Nullable Running before) {
        Totals totals = before == null
                ? new Totals(admin.hosts(), config.server().deadBackendTtl(), System::currentTimeMillis)
                : before.totals;
        return new Running(this, config, admin, totals);
    }

    private AdminServer server(Admin admin, boolean shared) throws IOException {
        return AdminServer.open(group, admin, shared, () -> Objects.requireNonNull(running));
    }

    /** Says where facts come from: it passes them to its argument soon, on any thread. */
    public void ask(Consumer<Consumer<Facts>> supervisorThread) {
        supervisor = supervisorThread;
    }

    /** The port that was bound, for tests. */
    int port() {
        Running now = Objects.requireNonNull(running);
        return Objects.requireNonNull(now.server).port();
    }

    /** Takes the figures of a worker. */
    public void received(RunningWorker worker, WorkerMessage.Figures figures) {
        Running now = running;
        if (now != null) {
            now.totals.received(worker, figures);
        }
    }

    /** The active checks of this process have marked a backend, or it answers again: see {@code Findings}. */
    public void found(String frontend, String url, boolean dead) {
        Running now = running;
        if (now != null) {
            now.totals.found(frontend, url, dead);
        }
    }

    /** A reload has ended. */
    public void reloaded(boolean complete, String line) {
        Running now = running;
        if (now != null) {
            now.totals.reloaded(complete, line);
        }
    }

    /**
     * Opens the address of another configuration, if that has another one.
     *
     * @throws IOException with a message for the administrator; nothing has changed then
     */
    public synchronized LogMove prepareMove(HipacheConfig config) throws IOException {
        Running before = running;
        Admin admin = config.server().admin();
        if (admin == null) {
            return new Move(before, null, before == null ? null : before.server);
        }
        Running next = run(config, admin, before);
        if (before != null && before.server != null && isAt(before.admin, admin)) {
            next.server = before.server;
            return new Move(before, next, null);
        }
        next.server = server(admin, before != null && isOwn(before.admin, admin));
        return new Move(before, next, before == null ? null : before.server);
    }

    /** Whether this program has the port, or the path, already. */
    private static boolean isOwn(Admin present, Admin next) {
        return Objects.equals(present.socket(), next.socket()) && present.port() == next.port();
    }

    private static boolean isAt(Admin one, Admin other) {
        return one.address().equals(other.address())
                && one.port() == other.port()
                && Objects.equals(one.socket(), other.socket())
                && one.mode().equals(other.mode())
                && one.owner().equals(other.owner());
    }

    /** From one configuration to another. */
    private final class Move implements LogMove {
        private final @Nullable Running before;
        private final @Nullable Running next;
        private final @Nullable AdminServer leaving;

        Move(@Nullable Running before, @Nullable Running next, @Nullable AdminServer leaving) {
            this.before = before;
            this.next = next;
            this.leaving = leaving;
        }

        @Override
        public void make() {
            synchronized (AdminListener.this) {
                running = next;
            }
            if (leaving != null) {
                leaving.close();
            }
            if (before != null) {
                before.frontends.close();
            }
            if (next != null) {
                next.totals.follow(next.admin.hosts(), next.deadBackendTtl);
            }
        }

        @Override
        public void drop() {
            if (next != null && next.server != null && (before == null || next.server != before.server)) {
                next.server.close();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Running now = running;
        if (now != null) {
            now.frontends.close();
            if (now.server != null) {
                now.server.close();
            }
        }
    }
}
