package io.hipache.worker.report;

import io.hipache.admission.Limit;
import io.hipache.figures.Event;
import io.hipache.figures.Expiry;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a worker does, and reports it to the supervisor once a second. Without an admin listener nothing is counted.
 * Confined to the event loop.
 */
public final class FigureReport implements Consumer<ExchangeEnd> {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int TICKS_OF_REPORT = 4;
    /** Seldom, because all certificates in memory are looked at. */
    private static final int REPORTS_OF_EXPIRIES = 5;

    /** A host keeps its row in a second in which some others have more requests. */
    private static final int ROWS_PER_HOST = 2;

    /** The parts of the worker. */
    public interface Sources {
        /** Tells how the worker is, and what it has counted. */
        void measure(Meter meter);

        /** The certificates that end first. */
        List<Expiry> expiries();
    }

    private final EventLoop loop;
    private final Sources sources;
    private final BooleanSupplier hasRoom;
    private final Consumer<ByteBuffer> supervisor;
    private @Nullable Counting counting;

    /**
     * Counts nothing yet.
     *
     * @param hasRoom whether the supervisor has taken the last report
     * @param supervisor takes a report
     */
    public FigureReport(EventLoop loop, Sources sources, BooleanSupplier hasRoom, Consumer<ByteBuffer> supervisor) {
        this.loop = loop;
        this.sources = sources;
        this.hasRoom = hasRoom;
        this.supervisor = supervisor;
    }

    /** Counts for so many hosts from now on; 0 to count nothing. */
    public void follow(int hosts) {
        Counting before = counting;
        int rows = hosts * ROWS_PER_HOST;
        if (before != null && hosts > 0) {
            before.figures.resizeHosts(rows);
            return;
        }
        if (before != null) {
            before.ticks.cancel(false);
        }
        counting = hosts == 0 ? null : new Counting(rows);
    }

    @Override
    public void accept(ExchangeEnd end) {
        Counting now = counting;
        if (now != null) {
            now.count(end);
        }
    }

    /** The store has answered what became of a backend that should be marked dead. */
    public void marked(DeadBackend dead, Marking marking) {
        Counting now = counting;
        if (now != null) {
            now.marked(dead, marking);
        }
    }

    /** Reports what was counted since the last report, before the worker ends. */
    public void end() {
        Counting now = counting;
        if (now != null) {
            now.ticks.cancel(false);
            now.report();
            counting = null;
        }
    }

    /** From the moment on when there is an admin listener. */
    private final class Counting {
        private final Figures figures;
        private final Meter meter;
        private final MarkedBackends dead = new MarkedBackends();
        private final Future<?> ticks;
        private long expectedNanos = System.nanoTime() + TICK_NANOS;
        private long lagNanos;
        private int tick;
        private int reports;

        Counting(int rows) {
            figures = new Figures(rows);
            meter = new Meter(figures);
            // what was counted before does not count
            sources.measure(meter);
            figures.report();
            ticks = loop.scheduleAtFixedRate(this::tick, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
        }

        void count(ExchangeEnd end) {
            figures.count(end);
            if (dead.hasRevived(end)) {
                happened(
                        Event.Kind.REVIVAL, end.frontendKey(), end.lastAttempt().backendUrl(), "");
            }
        }

        void marked(DeadBackend backend, Marking marking) {
            figures.count(marking);
            if (marking == Marking.MARKED || marking == Marking.MARKED_LAST) {
                dead.add(backend.frontend(), backend.url());
            }
            happened(Event.Kind.MARK, backend.frontend(), backend.url(), lowerCase(marking));
        }

        private void happened(Event.Kind kind, String host, String subject, String detail) {
            figures.happened(new Event(System.currentTimeMillis(), kind, host, subject, detail));
        }

        private static String lowerCase(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }

        private void tick() {
            long now = System.nanoTime();
            lagNanos = Math.max(lagNanos, now - expectedNanos);
            expectedNanos = now + TICK_NANOS;
            if (++tick == TICKS_OF_REPORT) {
                tick = 0;
                report();
            }
        }

        private void report() {
            sources.measure(meter);
            figures.set(Gauge.LOOP_LAG_MICROS, TimeUnit.NANOSECONDS.toMicros(lagNanos));
            if (reports++ % REPORTS_OF_EXPIRIES == 0) {
                figures.expire(sources.expiries());
            }
            if (!hasRoom.getAsBoolean()) {
                // the next report has these figures as well
                return;
            }
            for (Limit limit : Limit.values()) {
                if (figures.get(limit) > 0) {
                    happened(Event.Kind.LIMIT, "", lowerCase(limit), String.valueOf(figures.get(limit)));
                }
            }
            supervisor.accept(ByteBuffer.wrap(figures.report()));
            figures.decay();
            lagNanos = 0;
        }
    }
}
