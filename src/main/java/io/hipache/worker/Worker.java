package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.admission.Limit;
import io.hipache.config.HipacheConfig;
import io.hipache.figures.Count;
import io.hipache.figures.Expiry;
import io.hipache.figures.Gauge;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.Quantity;
import io.hipache.net.CidrList;
import io.hipache.net.DirectMemory;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.worker.memory.MemoryGuard;
import io.hipache.worker.memory.MemoryMonitor;
import io.hipache.worker.memory.ResidentMemory;
import io.hipache.worker.report.FigureReport;
import io.hipache.worker.report.Meter;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker: its event loop, its listeners, the pipelines behind them, its end. Any thread may call its methods. */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /**
     * In this time the loop reads the connections that it accepted last, and the connections that it closed last write
     * their access-log lines.
     */
    private static final long SETTLE_MILLIS = 5;

    /** A busy client sends its next request within this time. The answer then tells the client to connect anew. */
    private static final Duration LEAVING_IDLE = Duration.ofSeconds(5);

    /** A request that is on its way arrives within this time. */
    private static final Duration STOPPING_IDLE = Duration.ofSeconds(1);

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final String handoverAddress;
    private final Listeners listeners;
    private final Drain drain;
    private final AccessLogSender accessLog;
    private final FigureReport figures;
    private final int slot;
    private final ResidentMemory resident = ResidentMemory.ofThisProcess();
    private final ClientPipelines pipelines;
    private final Admission admission;
    /** Changed on the event loop only. */
    private volatile WorkerConfig inForce;
    /** Confined to the event loop. */
    private int configurations = 1;
    /** Confined to the event loop. */
    private long droppedLines;

    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    /**
     * Makes everything that the worker needs to serve. The worker accepts from its first {@link #adopt} on.
     *
     * @param slot the index of its slot, for the administrator
     * @param group one event loop, of the epoll transport
     * @param handoverAddress the unix socket from which the worker fetches listening sockets
     * @throws IllegalArgumentException with a message for the administrator
     */
    Worker(
            HipacheConfig config,
            int slot,
            EventLoopGroup group,
            String handoverAddress,
            ClientPipelines pipelines,
            SupervisorLink supervisor) {
        this.group = group;
        this.loop = group.next();
        this.handoverAddress = handoverAddress;
        this.drain = new Drain(loop);
        this.accessLog =
                new AccessLogSender(loop, ServerSettings.accessLog(config.server()), lines -> offer(lines, supervisor));
        this.pipelines = pipelines;
        this.slot = slot;
        this.figures = new FigureReport(
                loop,
                new Sources(),
                supervisor::hasSentFigures,
                report -> supervisor.send(new WorkerMessage.Figures(report)));
        pipelines.tellMarks(figures::marked);
        pipelines.tellDeaths((host, entry) -> supervisor.send(new WorkerMessage.BackendDied(host, entry)));
        CidrList exempt = ServerSettings.trusted(config.server());
        this.admission = new Admission(WorkerLimits.of(config.server()), exempt::contains);
        this.listeners = new Listeners(loop, drain, admission, new Refusal(this::requestEnded));
        this.inForce = WorkerConfig.of(config, pipelines.build(config, group, this::requestEnded, admission));
        follow(config.server().admin());
        drain.ended().thenRun(() -> loop.schedule(this::end, SETTLE_MILLIS, TimeUnit.MILLISECONDS));
        watchMemory(config.server().memoryLimit(), supervisor);
    }

    private void requestEnded(ExchangeEnd end) {
        accessLog.accept(end);
        figures.accept(end);
    }

    private boolean offer(WorkerMessage.AccessLog lines, SupervisorLink supervisor) {
        boolean taken = supervisor.offer(lines);
        for (int i = lines.lines().position(); !taken && i < lines.lines().limit(); i++) {
            droppedLines += lines.lines().get(i) == '\n' ? 1 : 0;
        }
        return taken;
    }

    private void follow(HipacheConfig.@Nullable Admin admin) {
        loop.execute(() -> figures.follow(admin == null ? 0 : admin.hosts()));
    }

    /** What is reported to the admin listener. */
    private final class Sources implements FigureReport.Sources {
        @Override
        public void measure(Meter meter) {
            meter.set(Gauge.SLOT, slot);
            meter.set(Gauge.CONFIGURATION, configurations);
            meter.set(Gauge.RESIDENT_BYTES, resident.getAsLong());
            meter.set(Gauge.DIRECT_MEMORY_BYTES, DirectMemory.used());
            meter.set(Gauge.CLIENTS, drain.size());
            meter.set(Gauge.REQUESTS, admission.requests());
            meter.set(Gauge.HEAD_BYTES, admission.headBytes());
            meter.set(Gauge.BODY_BYTES, admission.bodyBytes());
            meter.total(Count.CONNECTIONS, listeners.accepted());
            meter.total(Count.DROPPED_LOG_LINES, droppedLines);
            for (Limit limit : Limit.values()) {
                meter.total(limit, admission.refused(limit));
            }
            pipelines.measure(meter);
        }

        @Override
        public List<Expiry> expiries() {
            return pipelines.expiries();
        }
    }

    private void watchMemory(int limitMegabytes, SupervisorLink supervisor) {
        long now = System.nanoTime();
        MemoryMonitor watching = new MemoryMonitor(
                new MemoryGuard((long) limitMegabytes << 20, resident.getAsLong(), now, Math.random()),
                now,
                resident,
                () -> new MemoryMonitor.Traffic(
                        pipelines.requests(),
                        listeners.accepted(),
                        drain.size(),
                        pipelines.upstreamSockets(),
                        admission.refused(),
                        admission.refused(Limit.MEMORY)),
                Worker::collectGarbage,
                supervisor::askForReplacement);
        watching.start(loop);
        drain.ended().thenRun(() -> watching.end(System.nanoTime(), !drain.cutOff()));
    }

    /** Called on the event loop, because Netty keeps buffers for each thread. */
    private static void collectGarbage() {
        PooledByteBufAllocator.DEFAULT.trimCurrentThreadCache();
        System.gc();
    }

    /**
     * Fetches listening sockets and accepts from them too.
     *
     * @return complete when the worker accepts from all of them; fails when it cannot
     */
    CompletableFuture<@Nullable Void> adopt(WorkerMessage.Adopt order) {
        CompletableFuture<@Nullable Void> adopted = new CompletableFuture<>();
        List<WorkerMessage.Adopt.Socket> sockets = order.sockets();
        SocketHandover.receive(group, handoverAddress, order.token(), sockets.size())
                .addListener((Future<List<FileDescriptor>> received) -> {
                    if (received.isSuccess()) {
                        listen(sockets, received.getNow(), adopted);
                    } else {
                        adopted.completeExceptionally(received.cause());
                    }
                });
        return adopted;
    }

    private void listen(
            List<WorkerMessage.Adopt.Socket> sockets,
            List<FileDescriptor> descriptors,
            CompletableFuture<@Nullable Void> adopted) {
        List<WorkerConfig.Behind> known = inForce.listeners();
        if (sockets.stream().anyMatch(socket -> socket.listener() >= known.size())) {
            descriptors.forEach(Worker::close);
            adopted.completeExceptionally(
                    new IllegalArgumentException("a socket belongs to none of " + known.size() + " listeners"));
            return;
        }
        PromiseCombiner all = new PromiseCombiner(loop);
        for (int i = 0; i < sockets.size(); i++) {
            WorkerMessage.Adopt.Socket socket = sockets.get(i);
            all.add((Future<?>) listeners.listen(socket.id(), descriptors.get(i), known.get(socket.listener())));
        }
        Promise<Void> done = loop.newPromise();
        all.finish(done);
        done.addListener(future -> {
            if (future.isSuccess()) {
                adopted.complete(null);
            } else {
                adopted.completeExceptionally(future.cause());
            }
        });
    }

    private static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            log.debug("cannot close a listening socket: {}", e.toString());
        }
    }

    /** How many clients are connected. To be called on the event loop. */
    int clients() {
        return drain.size();
    }

    /** What serves under the configuration in force. */
    ClientPipelines.Served served() {
        return inForce.served();
    }

    /** The configuration in force. */
    HipacheConfig config() {
        return inForce.config();
    }

    /** Why the store could not be read from when the worker started or switched, in one line; empty when it could. */
    String storeProblem() {
        return inForce.served().storeProblem();
    }

    /** Another worker has found a dead backend, and the store is away. To be called on the event loop. */
    void backendDied(WorkerMessage.BackendDied died) {
        pipelines.backendDied(died.deadHost(), died.entry());
    }

    /** Another worker has learned something of the store. To be called on the event loop. */
    void restore(WorkerMessage.Known known) {
        pipelines.restore(known);
    }

    /** Whether the store can be used now. To be called on the event loop. */
    boolean isStoreUsable() {
        return pipelines.isStoreUsable();
    }

    /**
     * Builds everything that another configuration needs, beside what serves. May block for seconds, until it is interrupted.
     * The result is to be {@link #follow followed} or {@link ClientPipelines.Served#discard discarded}.
     *
     * @throws IllegalArgumentException when the configuration cannot be used, with a message for the administrator
     */
    WorkerConfig prepare(HipacheConfig config) throws InterruptedException {
        ClientPipelines.Served served = pipelines.prepare(config, group, this::requestEnded, admission);
        try {
            return WorkerConfig.of(config, served);
        } catch (RuntimeException e) {
            served.discard();
            throw e;
        }
    }

    /**
     * Follows another configuration: each request whose head arrives from now on belongs to it. No connection is closed, but
     * clients of addresses that are gone leave as with {@link #leave}.
     *
     * @return complete when that is so; fails when an error of this program left the worker between two configurations
     */
    CompletableFuture<@Nullable Void> follow(WorkerConfig next) {
        return CompletableFuture.runAsync(
                () -> {
                    inForce = next;
                    accessLog.follow(ServerSettings.accessLog(next.config().server()));
                    next.served().follow();
                    admission.follow(next.limits(), next.exempt()::contains);
                    listeners.follow(next.listeners()).thenAccept(this::leave);
                    configurations++;
                    follow(next.config().server().admin());
                },
                loop);
    }

    /** Has the clients of closed listening sockets leave. */
    private void leave(Set<Channel> gone) {
        Duration timeout = config().server().gracefulWait();
        Runnable end = () -> drain.end(gone, atMost(LEAVING_IDLE, timeout), timeout);
        if (!gone.isEmpty()) {
            loop.schedule(end, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static Duration atMost(Duration time, Duration limit) {
        return limit.compareTo(time) < 0 ? limit : time;
    }

    /** Stops accepting from these sockets. The connections in their queues are for the workers that hold them now. */
    void release(List<Integer> ids) {
        loop.execute(() -> ids.forEach(listeners::close));
    }

    /** Runs {@code task} on the event loop. A task that has run shows that the loop does not hang. */
    void runOnLoop(Runnable task) {
        loop.execute(task);
    }

    /**
     * Ends the worker after another worker has taken over. This worker accepts nothing more, finishes the requests
     * under way, and cuts off those that take longer than {@code timeout}. It first accepts the connections in the
     * queues of the sockets that it still holds, because no other worker holds them. A second call can only shorten
     * the time.
     */
    void leave(Duration timeout) {
        loop.execute(() -> log.info(
                "leaving, with {} to finish", Quantity.of(drain.size(), "client connection", "client connections")));
        finish(LEAVING_IDLE, timeout);
    }

    /** Ends the worker as {@link #leave} does, when the whole program ends. Idle clients have less time. */
    void stop(Duration timeout) {
        finish(STOPPING_IDLE, timeout);
    }

    private void finish(Duration idle, Duration timeout) {
        Duration patience = atMost(idle, timeout);
        loop.execute(() -> listeners
                .closeWhenQueuesAreEmpty()
                .thenRun(() ->
                        loop.schedule(() -> drain.begin(patience, timeout), SETTLE_MILLIS, TimeUnit.MILLISECONDS)));
    }

    /** Uses these keys for TLS session tickets from now on, see {@link ClientPipelines#useTicketKeys}. */
    void useTicketKeys(ByteBuffer keys) {
        pipelines.useTicketKeys(keys);
    }

    /** Complete when the last client has left and all access-log lines are queued for the supervisor. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    private void end() {
        accessLog.flush();
        figures.end();
        ended.complete(null);
    }
}
