package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.driver.lookup.RedisReads;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.PlainRequest;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.StateLog;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.driver.redis.WireCommand;
import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.lettuce.core.resource.ClientResources;
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
 * Frontends, dead backends and certificates in Redis. Owned by the worker and confined to its event loop, where Lettuce works too; it
 * may be opened before Redis is there and finds it again after it was away.
 */
public final class RedisDriver implements Driver {

    private static final Logger LOG = LoggerFactory.getLogger(RedisDriver.class);
    private static final Duration CHECKER_POLL = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final ClientResources resources;
    private final RedisKeys keys;
    private final String deadTtlSeconds;
    private final RedisLink readLink;
    private final RedisLink writeLink;
    private final RedisReads reads;
    private final CertificateReads certificates;
    private final ActiveCheckMonitor checker;
    private final StateLog marks = new StateLog(LOG, Duration.ofSeconds(1));
    private final TroubleLog hostTroubles = new TroubleLog(LOG, Duration.ofHours(1));
    private final RedisEndpoint writeEndpoint;
    private boolean closed;

    /**
     * Begins to connect; look-ups are answered from the first connection on. Blocks for the disk where TLS is spoken.
     *
     * @throws IllegalArgumentException with a message for the administrator, when an endpoint cannot be used here
     */
    public RedisDriver(EventLoop loop, RedisSettings settings) {
        this(loop, settings, CHECKER_POLL);
    }

    RedisDriver(EventLoop loop, RedisSettings settings, Duration checkerPoll) {
        this.loop = loop;
        this.resources = LettuceOnLoop.resources(loop);
        this.writeEndpoint = settings.write();
        this.keys = new RedisKeys(settings.read().prefix());
        this.deadTtlSeconds = Long.toString(settings.deadBackendTtl().toSeconds());
        this.readLink = link(settings, settings.read(), this::readLinkConnected);
        this.writeLink = settings.read().sharesConnectionWith(settings.write())
                ? readLink
                : link(settings, settings.write(), () -> {});
        this.reads = new RedisReads(loop, readLink, keys, settings.commandTimeout());
        this.certificates = new CertificateReads(
                loop, readLink, keys, settings.commandTimeout().multipliedBy(RedisReads.STALLED));
        this.checker = new ActiveCheckMonitor(readLink, settings.read(), InstantSource.system());
        loop.execute(() -> open(checkerPoll));
    }

    private RedisLink link(RedisSettings settings, RedisEndpoint endpoint, Runnable onConnected) {
        Duration silence = settings.commandTimeout().multipliedBy(5);
        return new RedisLink(loop, LettuceOnLoop.client(resources, endpoint.address(), silence), endpoint, onConnected);
    }

    /**
     * Complete on the event loop when every server was found there, or not, for the first time; never fails. A worker
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

    /** The certificates in the same store, read on the same connection. */
    public CertificateStore certificates() {
        return certificates;
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
        Mark mark = new Mark(dead.host());
        List<WireCommand> commands = new ArrayList<>();
        commands.add(mark.command("MULTI"));
        if (!checker.alive()) {
            commands.add(mark.command("SADD", key, index));
            commands.add(mark.command("EXPIRE", key, deadTtlSeconds));
        }
        commands.add(mark.command("PUBLISH", RedisKeys.DEAD_CHANNEL, message));
        commands.add(PlainRequest.command(mark::done, "EXEC"));
        writeLink.write(commands);
    }

    /** One transaction that nobody waits for; of its errors the first tells why. */
    private final class Mark {

        private final String host;
        private @Nullable String firstError;

        Mark(String host) {
            this.host = host;
        }

        WireCommand command(String... arguments) {
            return PlainRequest.command((value, error) -> keep(error), arguments);
        }

        private void keep(@Nullable String error) {
            firstError = firstError == null ? error : firstError;
        }

        void done(@Nullable String value, @Nullable String error) {
            keep(error);
            String reason = firstError;
            if (closed) {
                return;
            }
            if (reason == null) {
                marks.well("Redis " + writeEndpoint + ": dead backends are marked again");
            } else if (reason.startsWith("WRONGTYPE")) {
                hostTroubles.log(host, host + ": its dead set is something else: " + reason);
            } else {
                marks.trouble("Redis " + writeEndpoint + ": dead backends cannot be marked", reason);
                if (reason.startsWith("READONLY")) {
                    writeLink.notTheMaster();
                }
            }
        }
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
            if (writeLink != readLink) {
                writeLink.close();
            }
            var unusedEnd = resources.shutdown(0, 0, TimeUnit.SECONDS);
        });
    }
}
