package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.messages.Printable;
import io.hipache.messages.Quantity;
import io.hipache.messages.RepeatFilter;
import io.hipache.proxy.exchange.RetryPolicy.Blame;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log, and the store when a backend is to blame, what went wrong. The line about a mark comes when the store has
 * answered: only then is it known whether the backend is dead. A backend that fails again and again in the same way has one
 * line, then one a minute, and one when it answers again; the store limits the lines about marks. Confined to the event loop.
 */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(FailureReport.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long REMINDER_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Enough to recognise the request. A client may send 32 KB, and each attempt may have its line. */
    private static final int MOST_TARGET_CHARS = 200;

    /** Failing backends that are remembered. Beyond it each failure may have its line. */
    private static final int MOST_FAILING = 1_000;

    /** A backend of a frontend. The frontends of other hosts say nothing about this one. */
    private record Key(String frontend, int index, String entry) {
        /** Written out, see "Records" in CONTRIBUTING.md. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && frontend.equals(that.frontend)
                    && index == that.index
                    && entry.equals(that.entry);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * frontend.hashCode() + entry.hashCode()) + index;
        }
    }

    /** A backend that fails, and what was said of that. */
    private static final class Failing {
        private final long sinceNanos;
        private long lastNanos;
        private long failures;
        /** By what a line says apart from its request. */
        private final Map<String, Said> lines = new HashMap<>();

        private Failing(long now) {
            this.sinceNanos = now;
        }
    }

    /** One kind of line. */
    private static final class Said {
        private long atNanos;
        private long unsaid;
    }

    private final Driver driver;
    private final LongSupplier nanoClock;
    private final Map<Key, Failing> failing = new LinkedHashMap<>();
    private long fullSaidNanos;
    private int fullUnsaid;

    FailureReport(Driver driver, LongSupplier nanoClock) {
        this.driver = driver;
        this.nanoClock = nanoClock;
        this.fullSaidNanos = nanoClock.getAsLong() - PAUSE_NANOS;
    }

    /** The backend failed in a way that no request can cause. */
    void hard(Route.Chosen route, String cause, RequestHead request) {
        mark(route, cause, request.target(), false);
    }

    /** The backend failed in a way that one request can cause. */
    void soft(Route.Chosen route, String cause, RequestHead request) {
        mark(route, cause, request.target(), true);
    }

    /** The only backend of a frontend is neither marked nor announced (Hipache lib/worker.js). */
    private void mark(Route.Chosen route, String cause, String target, boolean soft) {
        Frontend frontend = route.frontend();
        if (frontend.backends() < 2) {
            marked(Marking.ONLY_BACKEND, route, cause, target);
            return;
        }
        DeadBackend dead = new DeadBackend(
                frontend.deadHost(),
                frontend.name(),
                route.index(),
                route.entry(),
                route.announcedUrl(),
                frontend.backends(),
                soft);
        driver.markDead(dead, marking -> marked(marking, route, cause, target));
    }

    private void marked(Marking marking, Route.Chosen route, String cause, String target) {
        switch (marking) {
            case MARKED -> dead(route, cause, target, "");
            case MARKED_LAST ->
                dead(
                        route,
                        cause,
                        target,
                        "; no other backend is left, so those that one request may have marked count as alive again");
            case DEAD_ALREADY -> failed(route, cause, target, "; the backend is dead already");
            case ANNOUNCED ->
                failed(route, cause, target, "; announced to the active checker, which marks it or does not");
            case CAPPED -> notMarked(route, cause, target, "softDeathCap allows no more dead backends");
            case UNCOUNTED ->
                notMarked(
                        route,
                        cause,
                        target,
                        "the Redis for marks cannot count the backends for softDeathCap: it has no such list, or refuses"
                                + " scripts");
            case MOVED -> notMarked(route, cause, target, "the list of the frontend has changed");
            case ONLY_BACKEND -> notMarked(route, cause, target, "the frontend has no other backend");
            case FAILED -> notMarked(route, cause, target, "Redis could not do that");
        }
    }

    /** An attempt failed, and nobody is to blame, or nobody yet. */
    void failed(Route.Chosen route, String cause, RequestHead request) {
        line(route, "reported an error", cause, request.target(), "");
    }

    /** An attempt failed, and the backend is excused. */
    void spared(Route.Chosen route, String cause, RequestHead request, Blame blame) {
        notMarked(route, cause, request.target(), String.valueOf(blame.excuse()));
    }

    /** The backend has answered a request. A backend that fails now and then does not answer again. */
    void answered(Route.Chosen route) {
        if (failing.isEmpty()) {
            return;
        }
        Key key = key(route);
        Failing state = failing.get(key);
        long now = nanoClock.getAsLong();
        if (state == null || now - state.lastNanos < CALM_NANOS) {
            return;
        }
        failing.remove(key);
        log.info(
                RepeatFilter.ALWAYS,
                "{}: backend #{} answers again ({}), {} and {} s after it began to fail",
                route.frontend().requestedHost(),
                route.index(),
                route.url(),
                Quantity.of(state.failures, "failure", "failures"),
                TimeUnit.NANOSECONDS.toSeconds(now - state.sinceNanos));
    }

    /** A request found no free socket. At most one line a second, because such a request costs its client very little. */
    void full(Route.Chosen route, String cause) {
        long now = nanoClock.getAsLong();
        if (now - fullSaidNanos < PAUSE_NANOS) {
            fullUnsaid++;
            return;
        }
        log.warn(
                RepeatFilter.ALWAYS,
                "{}: backend #{} is full ({}): {}{}",
                route.frontend().requestedHost(),
                route.index(),
                route.url(),
                cause,
                fullUnsaid == 0
                        ? ""
                        : "; " + Quantity.of(fullUnsaid, "more request has", "more requests have")
                                + " got this answer since the last such line");
        fullSaidNanos = now;
        fullUnsaid = 0;
    }

    /** The client was cut off, because there is no other way left to tell it. */
    void cutOff(Route.Chosen route, String cause, RequestHead request) {
        line(route, "broke off: its client was cut off", cause, request.target(), "");
    }

    private void notMarked(Route.Chosen route, String cause, String target, String why) {
        failed(route, cause, target, "; not marked, because " + why);
    }

    private void failed(Route.Chosen route, String cause, String target, String consequence) {
        line(route, "failed", cause, target, consequence);
    }

    /** Always has its line: the store limits the marks. */
    private void dead(Route.Chosen route, String cause, String target, String consequence) {
        fails(route);
        write(route, "is dead", cause, target, consequence);
    }

    /** Writes the line, unless one about this backend said the same within the last minute. */
    private void line(Route.Chosen route, String what, String cause, String target, String consequence) {
        Failing state = fails(route);
        long now = state.lastNanos;
        String kind = what + consequence;
        Said before = state.lines.get(kind);
        if (before == null) {
            before = new Said();
            state.lines.put(kind, before);
        } else if (now - before.atNanos < REMINDER_NANOS) {
            before.unsaid++;
            return;
        }
        String more = before.unsaid == 0
                ? ""
                : " (" + Quantity.of(before.unsaid, "more failure was", "more failures were") + " not logged)";
        before.atNanos = now;
        before.unsaid = 0;
        write(route, what, cause, target, consequence + more);
    }

    private Failing fails(Route.Chosen route) {
        long now = nanoClock.getAsLong();
        Key key = key(route);
        Failing state = failing.get(key);
        if (state == null) {
            if (failing.size() >= MOST_FAILING) {
                failing.remove(failing.keySet().iterator().next());
            }
            state = new Failing(now);
            failing.put(key, state);
        }
        state.lastNanos = now;
        state.failures++;
        return state;
    }

    private static Key key(Route.Chosen route) {
        return new Key(route.frontend().name(), route.index(), route.entry());
    }

    private static void write(Route.Chosen route, String what, String cause, String target, String consequence) {
        log.warn(
                RepeatFilter.ALWAYS,
                "{}: backend #{} {} ({}: {}) while handling request for {}{}",
                route.frontend().requestedHost(),
                route.index(),
                what,
                route.url(),
                cause,
                Printable.shortened(target, MOST_TARGET_CHARS),
                consequence);
    }
}
