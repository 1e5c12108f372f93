package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.hipache.worker.memory.MemoryGuard;
import io.hipache.worker.memory.MemoryMonitor;
import io.hipache.worker.memory.ResidentMemory;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker, put together: its event loop, its listeners, what is behind them, its end. Its methods suit any thread. */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** What was accepted last is read in this time, and what was closed last has written its access-log line. */
    private static final long SETTLE_MILLIS = 5;

    /** How long a client that is busy, by and large, may take to its next request, which tells it to connect anew. */
    private static final Duration LEAVING_IDLE = Duration.ofSeconds(5);

    /** Enough for a request that is on its way. */
    private static final Duration STOPPING_IDLE = Duration.ofSeconds(1);

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final String handoverAddress;
    private final Listeners listeners;
    private final Drain drain;
    private final AccessLogSender accessLog;
    private final ClientPipelines pipelines;
    /** What is behind each listener of the configuration, in its order. */
    private final List<ChannelHandler> behindListeners;

    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    /**
     * Makes everything that serving needs, without accepting yet.
     *
     * @param group of one event loop, of an epoll transport
     * @param handoverAddress where listening sockets are fetched
     * @throws IllegalArgumentException with a message for the administrator
     */
    Worker(
            HipacheConfig config,
            EventLoopGroup group,
            String handoverAddress,
            ClientPipelines pipelines,
            SupervisorLink supervisor) {
        this.group = group;
        this.loop = group.next();
        this.handoverAddress = handoverAddress;
        this.drain = new Drain(loop);
        this.accessLog = new AccessLogSender(loop, supervisor::offer);
        this.pipelines = pipelines;
        Admission admission = new Admission(AdmissionLimits.NONE);
        this.listeners = new Listeners(loop, drain, admission);
        ClientPipelines.Served served = pipelines.build(config, group, accessLog, admission);
        this.behindListeners = config.listeners().stream().map(served::pipeline).toList();
        drain.ended().thenRun(() -> loop.schedule(this::end, SETTLE_MILLIS, TimeUnit.MILLISECONDS));
        watchMemory(config.server().memoryLimit(), served, supervisor);
    }

    private void watchMemory(int limitMegabytes, ClientPipelines.Served served, SupervisorLink supervisor) {
        long now = System.nanoTime();
        ResidentMemory resident = ResidentMemory.ofThisProcess();
        MemoryMonitor watching = new MemoryMonitor(
                new MemoryGuard((long) limitMegabytes << 20, resident.getAsLong(), now, Math.random()),
                now,
                resident,
                () -> new MemoryMonitor.Traffic(
                        served.requests(), listeners.accepted(), drain.size(), served.upstreamSockets()),
                Worker::collectGarbage,
                supervisor::askForReplacement);
        watching.start(loop);
        drain.ended().thenRun(() -> watching.end(System.nanoTime(), !drain.cutOff()));
    }

    /** On the event loop, where Netty keeps buffers for the next request. */
    private static void collectGarbage() {
        PooledByteBufAllocator.DEFAULT.trimCurrentThreadCache();
        System.gc();
    }

    /**
     * Fetches listening sockets and accepts from them as well.
     *
     * @return complete when it does, or when it cannot
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
        PromiseCombiner all = new PromiseCombiner(loop);
        for (int i = 0; i < sockets.size(); i++) {
            WorkerMessage.Adopt.Socket socket = sockets.get(i);
            all.add((Future<?>)
                    listeners.listen(socket.id(), descriptors.get(i), behindListeners.get(socket.listener())));
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

    /** Accepts no more from these sockets; what waits in their queues is for the workers that have them now. */
    void release(List<Integer> ids) {
        loop.execute(() -> ids.forEach(listeners::close));
    }

    /** Runs {@code task} on the event loop, which shows that it turns. */
    void onTurn(Runnable task) {
        loop.execute(task);
    }

    /**
     * Accepts nothing more, finishes what is in flight, as far as that is possible within {@code timeout}, and ends, when
     * another worker has taken over. What waits in the queues of sockets that it still has is served too: nobody else has
     * them. Called again, it can only shorten the time.
     */
    void leave(Duration timeout) {
        loop.execute(() -> log.info("leaving, with {} client connections", drain.size()));
        finish(LEAVING_IDLE, timeout);
    }

    /** As {@link #leave}, when the whole program ends. */
    void stop(Duration timeout) {
        finish(STOPPING_IDLE, timeout);
    }

    private void finish(Duration idle, Duration timeout) {
        Duration patience = timeout.compareTo(idle) < 0 ? timeout : idle;
        loop.execute(() -> listeners
                .closeWhenQueuesAreEmpty()
                .thenRun(() ->
                        loop.schedule(() -> drain.begin(patience, timeout), SETTLE_MILLIS, TimeUnit.MILLISECONDS)));
    }

    /** Has session tickets made and read with other keys from now on, see {@link ClientPipelines#useTicketKeys}. */
    void useTicketKeys(ByteBuffer keys) {
        loop.execute(() -> pipelines.useTicketKeys(keys));
    }

    /** Complete when the last client has gone and all its access-log lines are on their way. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    private void end() {
        accessLog.flush();
        ended.complete(null);
    }
}
