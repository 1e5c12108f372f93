package io.hipache.driver;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.lettuce.core.RedisClient;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frontends and dead backends in Redis. Owned by the worker and confined to its event loop, where Lettuce works too; it
 * may be opened before Redis is there and finds it again after it was away.
 */
public final class RedisDriver implements Driver {

    private static final Logger LOG = LoggerFactory.getLogger(RedisDriver.class);
    private static final Duration CHECKER_POLL = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final RedisClient client;
    private final RedisKeys keys;
    private final String deadTtlSeconds;
    private final RedisLink readLink;
    private final RedisLink writeLink;
    private final RedisReads reads;
    private final ActiveCheckMonitor checker;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofMinutes(1));
    private boolean closed;

    /** Begins to connect; look-ups are answered from the first connection on. */
    public RedisDriver(EventLoop loop, RedisSettings settings) {
        this(loop, settings, CHECKER_POLL);
    }

    RedisDriver(EventLoop loop, RedisSettings settings, Duration checkerPoll) {
        this.loop = loop;
        this.client = LettuceOnLoop.client(loop, settings.commandTimeout().multipliedBy(5));
        this.keys = new RedisKeys(settings.read().prefix());
        this.deadTtlSeconds = Long.toString(settings.deadBackendTtl().toSeconds());
        this.readLink = new RedisLink(loop, client, settings.read(), this::readLinkConnected);
        this.writeLink = settings.read().sharesConnectionWith(settings.write())
                ? readLink
                : new RedisLink(loop, client, settings.write(), () -> {});
        this.reads = new RedisReads(loop, readLink, keys, settings.commandTimeout());
        this.checker = new ActiveCheckMonitor(readLink, InstantSource.system());
        loop.execute(() -> open(checkerPoll));
    }

    /**
     * Complete on the event loop when every server has been found there, or not, for the first time; never fails. A worker
     * that waits for it, but not for long, has no requests fail only because they came early.
     */
    public CompletionStage<@Nullable Void> firstAttempt() {
        return readLink.firstAttempt().thenCombine(writeLink.firstAttempt(), (readDone, writeDone) -> null);
    }

    private void open(Duration checkerPoll) {
        readLink.open();
        if (writeLink != readLink) {
            writeLink.open();
        }
        checker.start(loop, checkerPoll);
    }

    private void readLinkConnected() {
        reads.connected();
        checker.ask();
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        assert loop.inEventLoop();
        reads.read(lookup, callback);
    }

    @Override
    public void markDead(DeadBackend dead) {
        assert loop.inEventLoop();
        String key = keys.dead(dead.host());
        String index = Integer.toString(dead.index());
        String message = dead.host() + ";" + dead.url() + ";" + index + ";" + dead.backends();
        List<WireCommand> commands = new ArrayList<>();
        commands.add(command("MULTI"));
        if (!checker.alive()) {
            commands.add(command("SADD", key, index));
            commands.add(command("EXPIRE", key, deadTtlSeconds));
        }
        commands.add(command("PUBLISH", RedisKeys.DEAD_CHANNEL, message));
        commands.add(command("EXEC"));
        writeLink.write(commands);
    }

    /** One that nobody waits for. */
    private WireCommand command(String... arguments) {
        return PlainRequest.command(
                (value, error) -> {
                    if (error != null && !closed) {
                        troubles.log("mark", "A dead backend could not be marked: " + error);
                    }
                },
                arguments);
    }

    @Override
    public boolean activeCheckerAlive() {
        return checker.alive();
    }

    /** May be called on any thread; look-ups under way end as unavailable. A loop that ends takes everything along. */
    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        loop.execute(() -> {
            closed = true;
            checker.close();
            reads.close();
            readLink.close();
            writeLink.close();
            var unusedEnd = client.shutdownAsync(0, 0, TimeUnit.SECONDS);
            var unusedResourcesEnd = client.getResources().shutdown(0, 0, TimeUnit.SECONDS);
        });
    }
}
