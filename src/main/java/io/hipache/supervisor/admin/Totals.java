package io.hipache.supervisor.admin;

import io.hipache.figures.Event;
import io.hipache.figures.Failure;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.figures.MalformedFiguresException;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.Quantity;
import io.hipache.supervisor.process.RunningWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sum of all reports of all workers, those that have ended included: no count gets smaller when a worker is replaced. Any
 * thread may call it.
 */
final class Totals {
    private static final Logger log = LoggerFactory.getLogger(Totals.class);
    private static final long SECOND_NANOS = 1_000_000_000;
    /** How long the mark of an active check lasts, as hipache-hchecker has it. */
    private static final long CHECKED_MILLIS = 60_000;

    private final LongSupplier millisClock;
    private final Figures sum;
    private final Map<RunningWorker, WorkerState> workers = new LinkedHashMap<>();
    private final History history;
    private final RecentFailures failures = new RecentFailures();
    private final RecentEvents events = new RecentEvents();
    private final KnownMarks marks = new KnownMarks();
    private final Map<Boolean, Long> reloads = new LinkedHashMap<>();
    private Duration deadBackendTtl;
    private long started;
    private long ended;
    private long died;
    private long decayedNanos = System.nanoTime();
    /** Since when a worker cannot use the store; 0 while all can. */
    private long storeAwayMillis;

    /**
     * Nothing was counted yet.
     *
     * @param hosts for how many hosts there are counts
     * @param deadBackendTtl how long a mark lasts
     */
    Totals(int hosts, Duration deadBackendTtl, LongSupplier millisClock) {
        this.sum = new Figures(hosts);
        this.deadBackendTtl = deadBackendTtl;
        this.millisClock = millisClock;
        this.history = new History(millisClock);
    }

    /** Follows another configuration. */
    synchronized void follow(int hosts, Duration otherDeadBackendTtl) {
        sum.resizeHosts(hosts);
        deadBackendTtl = otherDeadBackendTtl;
    }

    /** Adds the report of a worker. A worker that sends something else is killed. */
    void received(RunningWorker worker, WorkerMessage.Figures message) {
        try {
            received(worker, Figures.read(message.report()));
        } catch (MalformedFiguresException e) {
            log.error("{} is killed, its figures cannot be read: {}", worker, e.getMessage());
            worker.kill();
        }
    }

    private synchronized void received(RunningWorker worker, Figures report) {
        WorkerState before = workers.get(worker);
        long now = System.nanoTime();
        if (before == null) {
            started++;
            worker.ended().thenAccept(code -> ended(worker, code));
        }
        long start = before == null ? millisClock.getAsLong() - worker.age().toMillis() : before.startMillis();
        workers.put(worker, new WorkerState(worker.pid(), start, report, now));
        noteStore();
        sum.add(report);
        report.forgetHosts();
        history.add(report);
        report.failures().forEach(failures::add);
        for (Event event : report.events()) {
            if (marks.note(event, deadBackendTtl.toMillis())) {
                events.add(event, worker.pid());
            }
        }
        if (now - decayedNanos >= SECOND_NANOS) {
            decayedNanos = now;
            sum.decay();
        }
    }

    private void noteStore() {
        long without = workers.values().stream()
                .filter(worker -> worker.figures().get(Gauge.STORE_USABLE) == 0)
                .count();
        long now = millisClock.getAsLong();
        if (without > 0 && storeAwayMillis == 0) {
            storeAwayMillis = now;
            happened(
                    "store_away",
                    "",
                    Quantity.of(without, "worker", "workers") + " of " + workers.size() + " cannot use Redis");
        } else if (without == 0 && storeAwayMillis > 0) {
            happened("store_back", "", "after " + (now - storeAwayMillis) / 1_000 + " s");
            storeAwayMillis = 0;
        }
    }

    private synchronized void ended(RunningWorker worker, int code) {
        workers.remove(worker);
        if (code == 0) {
            ended++;
            happened("worker_ended", worker.toString(), "");
        } else {
            died++;
            happened("worker_died", worker.toString(), "exit code " + code);
        }
    }

    /** The active checks of this machine have marked a backend, or it answers again. */
    synchronized void found(String host, String backend, boolean dead) {
        Event event = new Event(
                millisClock.getAsLong(),
                dead ? Event.Kind.MARK : Event.Kind.REVIVAL,
                host,
                backend,
                dead ? "marked by active checks" : "");
        if (marks.note(event, CHECKED_MILLIS)) {
            events.add(event, 0);
        }
    }

    /** A reload has ended. */
    synchronized void reloaded(boolean complete, String line) {
        reloads.merge(complete, 1L, Long::sum);
        happened(complete ? "reload" : "reload_failed", "", line);
    }

    /** Somebody has changed a frontend by the admin listener. */
    synchronized void changed(String kind, String host, String backends, String who) {
        events.add(new RecentEvents.Entry(
                millisClock.getAsLong(), kind, host, RecentEvents.shortened(backends), "asked by " + who, 0));
    }

    private void happened(String kind, String subject, String detail) {
        events.add(new RecentEvents.Entry(millisClock.getAsLong(), kind, "", subject, detail, 0));
    }

    /** Everything, at one moment. Use it within {@link #show} only. */
    record View(
            Figures sum,
            List<WorkerState> workers,
            List<History.Point> history,
            List<RecentEvents.Entry> events,
            List<KnownMarks.Mark> marks,
            RecentFailures failures,
            long started,
            long ended,
            long died,
            long reloads,
            long failedReloads,
            long nowMillis) {

        List<Failure> failuresOf(String host) {
            return failures.of(host);
        }
    }

    /** Renders everything. */
    interface Renderer<T> {
        T render(View view);
    }

    /** Shows everything to a renderer. Reports wait meanwhile. */
    synchronized <T> T show(Renderer<T> renderer) {
        long now = millisClock.getAsLong();
        return renderer.render(new View(
                sum,
                new ArrayList<>(workers.values()),
                history.points(),
                events.all(),
                marks.all(now),
                failures,
                started,
                ended,
                died,
                reloads.getOrDefault(true, 0L),
                reloads.getOrDefault(false, 0L),
                now));
    }
}
