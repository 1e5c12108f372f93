package io.hipache.checker;

import io.hipache.config.HipacheConfig.ActiveCheck;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.probe.Prober;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreSubscription;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election, and checks while elected, on a thread of its own, which waits for the store and for nothing else.
 */
final class Checker implements Timer {

    private static final Logger LOG = LoggerFactory.getLogger(Checker.class);

    /** Messages that wait for the thread. They must not keep it from renewing the election. */
    private static final int MOST_WAITING = 200;

    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "checker");
        made.setDaemon(true);
        return made;
    });
    private final ActiveCheck settings;
    private final StoreConnection store;
    private final Predicate<InetAddress> own;
    private final Findings findings;
    private final Election election;
    private final StoreTrouble trouble = new StoreTrouble();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private String other = "";
    private @Nullable Term term;

    /** What there is only while this process is elected. */
    private record Term(StoreSubscription announcements, Prober prober, Checks checks) {}

    /** @param own whether an address is one of this machine */
    Checker(ActiveCheck settings, StoreConnection store, Predicate<InetAddress> own, Findings findings) {
        this.own = own;
        this.findings = findings;
        this.settings = settings;
        this.store = store;
        this.election = new Election(store);
        thread.setRemoveOnCancelPolicy(true);
    }

    void start() {
        run(this::beat);
    }

    private void beat() {
        try {
            standForElection();
        } finally {
            later(Election.BEAT, this::beat);
        }
    }

    private void standForElection() {
        try {
            election.renew();
            tellOther();
            if (election.isElected() && term == null) {
                term = begin();
                LOG.info("active checks: this process checks the backends of the fleet");
            }
            if (term != null) {
                term.announcements.keep();
                if (term.checks.canMark()) {
                    election.showLife();
                }
            }
            trouble.over();
        } catch (StoreException e) {
            trouble.met(e);
        }
        if (term != null && !election.isElected()) {
            endTerm();
            LOG.info("active checks: this process checks no more");
        }
    }

    /** Says once who checks, where that is another process. */
    private void tellOther() {
        String holder = election.holder();
        if (!election.isElected() && !holder.equals(other)) {
            LOG.info(
                    "active checks: {} checks the backends of the fleet; this process takes over when that one ends",
                    holder);
        }
        other = holder;
    }

    private Term begin() {
        Prober prober = new Prober(settings.timeout(), own);
        Checks checks = new Checks(settings, store, election, prober, this, findings);
        return new Term(store.subscription(RedisKeys.DEAD_CHANNEL, this::heard), prober, checks);
    }

    private void endTerm() {
        Term ending = term;
        term = null;
        if (ending != null) {
            ending.announcements.close();
            ending.checks.end();
            ending.prober.close();
        }
    }

    /** Called on the thread of the connection. The same message is taken up once at a time. */
    private void heard(String message) {
        if (message.length() <= Announcement.LONGEST && waiting.size() < MOST_WAITING && waiting.add(message)) {
            run(() -> {
                waiting.remove(message);
                if (term != null) {
                    term.checks.announced(message);
                }
            });
        }
    }

    /** Lets another process be elected. The future completes when everything is closed. */
    CompletableFuture<@Nullable Void> stop() {
        CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
        run(() -> {
            try {
                endTerm();
                election.release();
            } catch (StoreException e) {
                LOG.debug("active checks: {}", e.getMessage());
            } finally {
                thread.shutdownNow();
                store.close();
                stopped.complete(null);
            }
        });
        return stopped;
    }

    @Override
    public void run(Runnable task) {
        var unused = later(Duration.ZERO, task);
    }

    @Override
    public Future<?> later(Duration delay, Runnable task) {
        try {
            return thread.schedule(() -> attempt(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** The executor would swallow an exception, and the checks would stop without a word. */
    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("active checks: a bug", e);
        }
    }
}
