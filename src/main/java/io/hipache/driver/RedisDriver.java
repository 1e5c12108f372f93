package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.driver.lookup.LookupBounds;
import io.hipache.driver.lookup.Lookups;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.ServerLocator;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.driver.sentinel.SentinelWatch;
import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.lettuce.core.RedisClient;
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
 * Frontends, dead backends and certificates in Redis. It can be opened before Redis is running, and it reconnects when Redis
 * was away. Owned by the worker and confined to its event loop, on which Lettuce runs too.
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
    private final Lookups lookups;
    private final RedisCertificates certificates;
    private final ActiveCheckMonitor checker;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private final RedisEndpoint writeEndpoint;
    private boolean closed;

    /**
     * Begins to connect. Look-ups fail until the first connection is there. Blocks while it reads certificates from the disk.
     *
     * @throws IllegalArgumentException with a message for the administrator, when this machine cannot use an endpoint
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
        this.lookups =
                new Lookups(loop, readLink, keys, new LookupBounds(settings.maxBackends()), settings.commandTimeout());
        this.certificates = new RedisCertificates(
                loop, readLink, keys, settings.commandTimeout().multipliedBy(Lookups.STALLED));
        this.checker = new ActiveCheckMonitor(readLink, settings.read(), InstantSource.system());
        loop.execute(() -> open(checkerPoll));
    }

    private RedisLink link(RedisSettings settings, RedisEndpoint endpoint, Runnable onConnected) {
        Duration silence = settings.commandTimeout().multipliedBy(5);
        RedisClient client = LettuceOnLoop.client(resources, endpoint.address(), silence);
        ServerLocator locator = endpoint.address() instanceof Sentinels sentinels
                ? new SentinelWatch(loop, client, endpoint, sentinels)
                : ServerLocator.fixed(endpoint.address());
        return new RedisLink(loop, client, endpoint, locator, onConnected);
    }

    /**
     * Complete, on the event loop, when the first attempt to connect to each server has succeeded or failed; never fails. A
     * worker waits for this for a few seconds, so that its first requests do not fail only because they came early.
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
        lookups.connected();
        checker.ask();
    }

    /** The certificates in the same Redis, read on the same connection. */
    public CertificateStore certificates() {
        return certificates;
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        assert loop.inEventLoop();
        lookups.read(lookup, callback);
    }

    @Override
    public void markDead(DeadBackend dead) {
        assert loop.inEventLoop();
        String key = keys.dead(dead.host());
        String index = Integer.toString(dead.index());
        String message = dead.host() + ";" + dead.url() + ";" + index + ";" + dead.backends();
        Mark mark = new Mark(dead.host());
        List<RedisCommand> commands = new ArrayList<>();
        commands.add(mark.command("MULTI"));
        if (!checker.alive()) {
            commands.add(mark.command("SADD", key, index));
            commands.add(mark.command("EXPIRE", key, deadTtlSeconds));
        }
        commands.add(mark.command("PUBLISH", RedisKeys.DEAD_CHANNEL, message));
        commands.add(new PlainCommand(mark::done, "EXEC"));
        writeLink.write(commands);
    }

    /** One transaction. Nothing waits for it. Its first error is logged: the later ones follow from it. */
    private final class Mark {

        private final String host;
        private @Nullable String firstError;

        Mark(String host) {
            this.host = host;
        }

        RedisCommand command(String... arguments) {
            return new PlainCommand((value, error) -> keepFirst(error), arguments);
        }

        private void keepFirst(@Nullable String error) {
            firstError = firstError == null ? error : firstError;
        }

        void done(@Nullable String value, @Nullable String error) {
            keepFirst(error);
            String reason = firstError;
            if (closed) {
                return;
            }
            if (reason == null) {
                troubles.recovered("Redis " + writeEndpoint + ": dead backends are marked again");
            } else if (reason.startsWith("WRONGTYPE")) {
                troubles.reportSubject(
                        host,
                        host + ": its dead backend cannot be marked, because the Redis key " + keys.dead(host)
                                + " is not a set; delete it: " + reason);
            } else {
                troubles.report("Redis " + writeEndpoint + ": dead backends cannot be marked", reason);
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

    /** May be called on any thread. Look-ups without an answer end as unavailable. Does nothing when the loop itself ends. */
    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        loop.execute(() -> {
            closed = true;
            checker.close();
            lookups.close();
            readLink.close();
            if (writeLink != readLink) {
                writeLink.close();
            }
            var unusedEnd = resources.shutdown(0, 0, TimeUnit.SECONDS);
        });
    }
}
