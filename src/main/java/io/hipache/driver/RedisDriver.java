package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.driver.copy.CopyReport;
import io.hipache.driver.copy.FrontendCopy;
import io.hipache.driver.lookup.LookupBounds;
import io.hipache.driver.lookup.Lookups;
import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.ServerLocator;
import io.hipache.driver.sentinel.SentinelWatch;
import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.hipache.snapshot.Entry;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.resource.ClientResources;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Frontends, dead backends and certificates in Redis. It can be opened before Redis is running, and it reconnects when Redis
 * was away. Owned by the worker and confined to its event loop, on which Lettuce runs too.
 */
public final class RedisDriver implements Driver {

    private static final Duration CHECKER_POLL = Duration.ofSeconds(10);

    /** How often {@link #closeAfterMarks} looks whether there is a mark without a reply. */
    private static final long LOOK_MILLIS = 20;

    private final EventLoop loop;
    private final ClientResources resources;
    private final RedisKeys keys;
    private final @Nullable StoreCopy copy;
    private final RedisLink readLink;
    private final RedisLink writeLink;
    private final Lookups lookups;
    private final RedisCertificates certificates;
    private final ActiveCheckMonitor checker;
    private final DeadMarks marks;
    private final RedisSettings settings;
    private final BiConsumer<String, String> deaths;
    private final StoreTrial trial;

    /**
     * Begins to connect. Look-ups wait for the first connection, for as long as they may take. Blocks while it reads
     * certificates from the disk.
     *
     * @param deaths takes the dead host and the entry of each backend that is marked in memory alone, because Redis is away
     * @throws IllegalArgumentException with a message for the administrator, when this machine cannot use an endpoint
     */
    public RedisDriver(EventLoop loop, RedisSettings settings, BiConsumer<String, String> deaths) {
        this(loop, settings, deaths, CHECKER_POLL);
    }

    RedisDriver(EventLoop loop, RedisSettings settings, Duration checkerPoll) {
        this(loop, settings, (host, entry) -> {}, checkerPoll);
    }

    private RedisDriver(
            EventLoop loop, RedisSettings settings, BiConsumer<String, String> deaths, Duration checkerPoll) {
        this.deaths = deaths;
        this.loop = loop;
        this.settings = settings;
        this.resources = LettuceOnLoop.resources(loop);
        this.keys = new RedisKeys(settings.read().prefix());
        this.readLink = link(settings, settings.read(), ClientName.READ, new ReadLink());
        this.writeLink = settings.read().sharesConnectionWith(settings.write())
                ? readLink
                : link(settings, settings.write(), ClientName.WRITE, this::writeLinkConnected);
        this.copy = settings.copy().isOn() ? new StoreCopy(loop, readLink, keys, settings) : null;
        this.lookups = new Lookups(
                loop, readLink, keys, new LookupBounds(settings.maxBackends()), settings.commandTimeout(), copy);
        this.certificates = new RedisCertificates(
                loop,
                readLink,
                keys,
                settings.commandTimeout(),
                settings.commandTimeout().multipliedBy(Lookups.STALLED),
                copy);
        this.checker = new ActiveCheckMonitor(readLink, settings.read(), InstantSource.system());
        this.marks = new DeadMarks(
                writeLink,
                settings.write(),
                keys,
                settings.deadBackendTtl(),
                settings.softDeathCap(),
                writeLink != readLink,
                checker::alive);
        this.trial = new StoreTrial(loop, settings, keys, readLink, writeLink, lookups, this::copyStandsIn);
        loop.execute(() -> open(checkerPoll));
    }

    private RedisLink link(
            RedisSettings settings, RedisEndpoint endpoint, ClientName name, RedisLink.Listener listener) {
        Duration silence = settings.commandTimeout().multipliedBy(5);
        RedisClient client = LettuceOnLoop.bareClient(resources, endpoint.address(), silence);
        ServerLocator locator = endpoint.address() instanceof Sentinels sentinels
                ? new SentinelWatch(loop, client, endpoint, sentinels)
                : ServerLocator.fixed(endpoint.address());
        return new RedisLink(loop, client, endpoint, name, locator, listener);
    }

    /**
     * Waits for the first attempt to connect to each server, then looks up one host. Where marks go to another server, asks
     * that one for something that changes nothing and needs the rights of a mark. A worker waits for this for a few seconds
     * when it starts, so that its first requests do not fail only because they came early. May be called on any thread and at
     * any time. A copy that answers while the store is away is as good.
     *
     * @return complete on the event loop, never fails: empty when all of this has succeeded, else the reason in one line
     */
    public CompletionStage<String> trial() {
        return trial.run(() -> true);
    }

    /**
     * The same for a driver that would take the place of another one. What is known does not count while the other one is
     * connected: it may have been taken from there, and a wrong password would go unnoticed.
     */
    public CompletionStage<String> trialWithout(RedisDriver other) {
        return trial.run(() -> !other.isConnected());
    }

    /**
     * Whether every server is connected and logged in to, and does not refuse what it was asked last. A copy that answers
     * meanwhile is as good: a worker without one must not take this one's place.
     */
    public boolean isUsable() {
        return copyStandsIn() || isConnected();
    }

    /**
     * Whether known hosts have their answers from memory. That is so from the moment at which the connection is lost:
     * look-ups wait until Redis is back or counts as away, and then they are answered.
     */
    private boolean copyStandsIn() {
        return answersFromCopy() || (!readLink.connected() && couldAnswerFromCopy());
    }

    private boolean isConnected() {
        return readLink.connected() && writeLink.connected() && !lookups.refused() && !trial.marksRefused();
    }

    private void open(Duration checkerPoll) {
        readLink.open();
        if (writeLink != readLink) {
            writeLink.open();
        }
        checker.start(loop, checkerPoll);
        if (copy != null) {
            copy.open(lookups);
        }
    }

    /** The connection that is asked for every request. */
    private final class ReadLink implements RedisLink.Listener {

        @Override
        public void connected() {
            if (copy != null) {
                copy.connected();
            }
            lookups.connected();
            certificates.connected();
            checker.ask();
            if (writeLink == readLink) {
                writeLinkConnected();
            }
        }

        @Override
        public void lost() {
            if (copy != null) {
                copy.lost();
            }
        }

        @Override
        public void away() {
            if (copy != null) {
                copy.storeIsAway();
                certificates.storeIsAway();
            }
        }

        @Override
        public void pushed(PushMessage message) {
            if (copy != null) {
                copy.pushed(message);
            }
        }
    }

    private void writeLinkConnected() {
        trial.writeLinkConnected();
        marks.connected();
    }

    /** The certificates in the same Redis, read on the same connection. */
    public CertificateStore certificates() {
        return certificates;
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        assert loop.inEventLoop();
        if (copy == null) {
            lookups.read(lookup, callback);
            return;
        }
        Rows known = copy.rows(lookup);
        if (known == null) {
            lookups.read(lookup, copy.orStale(lookup, callback));
        } else {
            callback.rows(known);
        }
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        assert loop.inEventLoop();
        if (copy != null && copy.answersFromCopy()) {
            Marking marking = copy.mark(dead);
            if (marking == Marking.MARKED && FrontendCopy.isNoted(dead.entry())) {
                deaths.accept(dead.host(), dead.entry());
            }
            told.accept(marking);
            return;
        }
        if (copy != null) {
            copy.marking(dead);
        }
        marks.mark(dead, told);
    }

    /**
     * Tells what is learned from now on, for another worker to {@link #restore}. May be called on any thread.
     *
     * @param sink takes it on the event loop; null for nobody
     */
    public void reportTo(CopyReport.@Nullable Sink sink) {
        if (copy != null) {
            LettuceOnLoop.run(loop, () -> copy.report().to(sink));
        }
    }

    /** Takes what others have learned of the same store, to answer with it while the store is away. For any thread. */
    public void restore(List<Entry> entries) {
        if (copy != null) {
            LettuceOnLoop.run(loop, () -> copy.report().restore(entries));
        }
    }

    /** Takes what another driver for the same store has learned, as {@link #restore} does. For any thread. */
    public void takeFrom(RedisDriver before) {
        StoreCopy known = before.copy;
        if (copy != null && known != null) {
            LettuceOnLoop.run(loop, () -> copy.takeFrom(known));
        }
    }

    /** Another worker has marked a backend in memory, because Redis is away. */
    public void backendDied(String deadHost, String entry) {
        assert loop.inEventLoop();
        if (copy != null) {
            copy.marked(deadHost, entry);
        }
    }

    @Override
    public boolean isReachable() {
        return readLink.connected();
    }

    @Override
    public boolean answersFromCopy() {
        return copy != null && copy.canAnswer();
    }

    @Override
    public boolean couldAnswerFromCopy() {
        return copy != null && copy.couldAnswer();
    }

    /** How often the answer for a host was in memory, while Redis was there. */
    public long memoryAnswers() {
        return copy == null ? 0 : copy.freshAnswers();
    }

    @Override
    public boolean activeCheckerAlive() {
        return checker.alive();
    }

    /**
     * Closes the driver when its last mark has its reply, or when the time for a reply is over. To be called on the event
     * loop when nobody asks the driver any more.
     */
    public void closeAfterMarks() {
        closeAfterMarks(System.nanoTime() + settings.commandTimeout().toNanos());
    }

    private void closeAfterMarks(long endNanos) {
        assert loop.inEventLoop();
        if (marks.unanswered() == 0 || System.nanoTime() - endNanos >= 0) {
            close();
        } else {
            loop.schedule(() -> closeAfterMarks(endNanos), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** May be called on any thread. Look-ups without an answer end as unavailable. Does nothing when the loop itself ends. */
    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        loop.execute(() -> {
            marks.close();
            checker.close();
            if (copy != null) {
                copy.close();
            }
            lookups.close();
            certificates.close();
            readLink.close();
            if (writeLink != readLink) {
                writeLink.close();
            }
            var unusedEnd = resources.shutdown(0, 0, TimeUnit.SECONDS);
        });
    }
}
