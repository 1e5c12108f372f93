package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
import io.hipache.driver.copy.CertificateCopy;
import io.hipache.driver.copy.CertificateCopy.Both;
import io.hipache.driver.copy.CopyReport;
import io.hipache.driver.copy.FrontendCopy;
import io.hipache.driver.copy.News;
import io.hipache.driver.copy.Tracking;
import io.hipache.driver.lookup.LookupObserver;
import io.hipache.driver.lookup.Lookups;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.messages.Quantity;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.lettuce.core.api.push.PushMessage;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers in place of Redis: while Redis tells each change, and while Redis is away, each where the configuration says so.
 * Confined to the event loop.
 */
final class StoreCopy implements LookupObserver {

    private static final Logger LOG = LoggerFactory.getLogger(StoreCopy.class);

    private final RedisLink link;
    private final RedisSettings settings;
    private final boolean mayBeStale;
    private final FrontendCopy frontends;
    private final CertificateCopy certificates;
    private final CopyReport report;
    private final Tracking tracking;
    private @Nullable Lookups lookups;
    private long freshAnswers;
    private long staleAnswers;
    private long staleSinceNanos;
    private boolean endNoted;

    StoreCopy(EventLoop loop, RedisLink link, RedisKeys keys, RedisSettings settings) {
        this.link = link;
        this.settings = settings;
        this.mayBeStale = !settings.copy().staleIfDown().isZero();
        News news = new News();
        this.frontends = new FrontendCopy(settings.copy(), settings.deadBackendTtl(), settings.softDeathCap(), news);
        this.certificates = new CertificateCopy(settings.copy(), news);
        this.report = new CopyReport(loop, news, frontends, certificates);
        this.tracking = new Tracking(loop, link, keys, settings.copy().tracking(), frontends, certificates);
    }

    /** @param lookups asked whether the server has no data at the moment */
    void open(Lookups lookups) {
        this.lookups = lookups;
        // with tracking, a host is asked for when it is unknown, or when what is in memory is too old, from an earlier
        // connection or
        // known to be wrong: its look-up waits for Redis
        tracking.open(lookups, settings.copy().tracking() ? () -> {} : this::storeIsAway);
    }

    /** Tells what is learned, and takes what others have learned. */
    CopyReport report() {
        return report;
    }

    /** Takes what the copy of another connection to the same store knew. */
    void takeFrom(StoreCopy before) {
        frontends.takeFrom(before.frontends);
        certificates.takeFrom(before.certificates);
    }

    @Override
    public Rows learned(HostLookup lookup, Rows rows, List<Marks> marks, int connection, long sentNanos) {
        storeAnswers();
        // nobody's host is asked for to try Redis: an answer from memory would not try it
        return lookup.isNobodys() ? rows : frontends.learned(lookup, rows, marks, connection, sentNanos);
    }

    @Override
    public void serverIsBusy() {
        storeIsAway();
    }

    void connected() {
        tracking.connected();
    }

    void lost() {
        tracking.lost();
    }

    void pushed(PushMessage message) {
        tracking.pushed(message);
    }

    /** What waits for a connection is answered from memory, where possible. */
    void storeIsAway() {
        if (mayBeStale && lookups != null) {
            lookups.endWaiting(lookup -> frontends.stale(lookup) != null);
        }
    }

    /** Whether Redis gives no answers, and there is a host that has its answer from memory meanwhile. */
    boolean canAnswer() {
        return answersFromCopy() && couldAnswer();
    }

    /** Whether there is a host that would have its answer from memory if Redis gave none. */
    boolean couldAnswer() {
        return mayBeStale && frontends.canAnswerStale();
    }

    /** Whether hosts that are known have their answers from memory, because Redis gives none. */
    boolean answersFromCopy() {
        return mayBeStale && (link.isAway() || tracking.isSilent() || tracking.isBusy());
    }

    /** The answer for a host without asking Redis, null when Redis has to be asked. */
    @Nullable
    Rows rows(HostLookup lookup) {
        if (answersFromCopy()) {
            Rows rows = stale(lookup);
            if (rows == null) {
                noteEndOfStaleAnswers();
            }
            return rows;
        }
        Rows rows = frontends.fresh(lookup);
        if (rows != null) {
            freshAnswers++;
        }
        return rows;
    }

    /** How often the answer for a host was in memory, while Redis was there. */
    long freshAnswers() {
        return freshAnswers;
    }

    private @Nullable Rows stale(HostLookup lookup) {
        Rows rows = frontends.stale(lookup);
        if (rows != null) {
            noteStaleAnswer();
        }
        return rows;
    }

    /** Answers from memory where Redis has no answer. */
    ReadCallback orStale(HostLookup lookup, ReadCallback callback) {
        return mayBeStale ? new OrStale(lookup, callback) : callback;
    }

    /** The answer for the certificates of a name without asking Redis, null when Redis has to be asked. */
    @Nullable
    Both certificates(ServerName name) {
        return answersFromCopy() ? certificates.stale(name) : certificates.fresh(name);
    }

    /** What is known of the certificates of a name, for a server that has no data at the moment; null where nothing may be used. */
    @Nullable
    Both staleCertificates(ServerName name) {
        return mayBeStale ? certificates.stale(name) : null;
    }

    void learned(String name, Stored stored, int connection, long sentNanos) {
        storeAnswers();
        certificates.learned(name, stored, connection, sentNanos);
    }

    /** Marks a backend while Redis is away. */
    Marking mark(DeadBackend dead) {
        return frontends.mark(dead);
    }

    /** Another worker has marked a backend while Redis is away. */
    void marked(String deadHost, String entry) {
        frontends.marked(deadHost, entry);
    }

    /** A backend is about to be marked in Redis, which tells that a moment later. The next request asks Redis. */
    void marking(DeadBackend dead) {
        frontends.deadSetChanged(dead.host());
    }

    private void noteStaleAnswer() {
        if (staleAnswers++ == 0) {
            staleSinceNanos = System.nanoTime();
            LOG.warn(
                    "Redis {}: gives no answers. Hosts that were asked for in the last {} s are answered from memory meanwhile,"
                            + " others wait, and get a 503",
                    link,
                    settings.copy().staleIfDown().toSeconds());
        }
    }

    private void noteEndOfStaleAnswers() {
        if (staleAnswers > 0 && !endNoted && !frontends.canAnswerStale()) {
            endNoted = true;
            LOG.warn(
                    "Redis {}: still gives no answers, and what is in memory is older than server.staleIfDown, {} s. All hosts get"
                            + " a 503 until Redis is back",
                    link,
                    settings.copy().staleIfDown().toSeconds());
        }
    }

    private void storeAnswers() {
        endNoted = false;
        if (staleAnswers > 0) {
            LOG.info(
                    "Redis {}: answers again. For {} s, {} answered from memory",
                    link,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - staleSinceNanos),
                    Quantity.of(staleAnswers, "request was", "requests were"));
            staleAnswers = 0;
        }
    }

    void close() {
        report.to(null);
        tracking.close();
    }

    /** Passes an answer on, and takes the one in memory where there is none. */
    private final class OrStale implements PassedOn {

        private final HostLookup lookup;
        private final ReadCallback callback;

        OrStale(HostLookup lookup, ReadCallback callback) {
            this.lookup = lookup;
            this.callback = callback;
        }

        @Override
        public ReadCallback waiting() {
            return callback;
        }

        @Override
        public void unavailable(String reason) {
            Rows rows = stale(lookup);
            if (rows == null) {
                callback.unavailable(reason);
            } else {
                callback.rows(rows);
            }
        }
    }
}
