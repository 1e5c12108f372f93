package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker, put together: its event loop, its listeners, what is behind them, its end. Its methods suit any thread. */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** What was accepted last is read in this time, and what was closed last has written its access-log line. */
    private static final long SETTLE_MILLIS = 5;

    private final EventLoop loop;
    private final Listeners listeners;
    private final Drain drain;
    private final AccessLogSender accessLog;
    private final ClientPipelines pipelines;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private Worker(EventLoop loop, AccessLogSender accessLog, ClientPipelines pipelines) {
        this.loop = loop;
        this.listeners = new Listeners(loop);
        this.drain = new Drain(loop);
        this.accessLog = accessLog;
        this.pipelines = pipelines;
        drain.ended().thenRun(() -> loop.schedule(this::end, SETTLE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /**
     * Starts to accept connections.
     *
     * @param group of one event loop, of an epoll transport
     * @param sockets one for each listener of the configuration, in its order; they belong to the worker from now on
     * @throws IllegalArgumentException with a message for the administrator
     */
    static Worker start(
            HipacheConfig config,
            EventLoopGroup group,
            List<FileDescriptor> sockets,
            ClientPipelines pipelines,
            SupervisorLink supervisor) {
        EventLoop loop = group.next();
        AccessLogSender accessLog = new AccessLogSender(loop, supervisor::offer);
        Worker worker = new Worker(loop, accessLog, pipelines);
        Function<HipacheConfig.Listener, ChannelHandler> pipeline = pipelines.build(config, group, accessLog);
        for (int i = 0; i < sockets.size(); i++) {
            worker.listeners.listen(
                    sockets.get(i), pipeline.apply(config.listeners().get(i)), worker.drain);
        }
        return worker;
    }

    /**
     * Accepts nothing more, finishes what is in flight, as far as that is possible within {@code timeout}, and ends. What
     * waits in the queues is left to the next worker of the slot. Called again, it can only shorten the time.
     */
    void leave(Duration timeout) {
        loop.execute(() -> {
            log.info("leaving, with {} client connections", drain.size());
            listeners.close();
            loop.schedule(() -> drain.begin(timeout), SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    /** As {@link #leave}, when there will be no other worker: what waits in the queues is served too. */
    void stop(Duration timeout) {
        loop.execute(() -> listeners.closeWhenQueuesAreEmpty().thenRun(() -> drain.begin(timeout)));
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
