package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.messages.Printable;
import io.hipache.messages.RepeatFilter;
import io.hipache.proxy.exchange.RetryPolicy.Blame;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log, and the store when a backend is to blame, what went wrong. The line about a mark comes when the store has
 * answered: only then is it known whether the backend is dead. Of lines that differ only in their request there is one in a
 * second, except for real marks, which the store limits. Confined to the event loop.
 */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(FailureReport.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Enough to recognise the request. A client may send 32 KB, and each attempt may have its line. */
    private static final int MOST_TARGET_CHARS = 200;

    /** Kinds of lines that are remembered. */
    private static final int MOST_KINDS = 1_000;

    /** What a line says, without the request that it speaks of. */
    private record Kind(String frontend, String what, String consequence) {}

    private final Driver driver;
    private final LongSupplier nanoClock;
    private final Map<Kind, Long> loggedAt = new LinkedHashMap<>();
    private long leftOut;
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
            case MARKED -> write(route, backend(route) + " is dead", cause, target, "");
            case MARKED_LAST ->
                write(
                        route,
                        backend(route) + " is dead",
                        cause,
                        target,
                        "; no other backend is left, so those that one request may have marked count as alive again");
            case DEAD_ALREADY -> failed(route, cause, target, "the backend is dead already");
            case ANNOUNCED ->
                failed(route, cause, target, "announced to the active checker, which marks it or does not");
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
        line(route, backend(route) + " reported an error", cause, request.target(), "");
    }

    /** An attempt failed, and the backend is excused. */
    void spared(Route.Chosen route, String cause, RequestHead request, Blame blame) {
        notMarked(route, cause, request.target(), String.valueOf(blame.excuse()));
    }

    /** A request found no free socket. At most one line a second, because such a request costs its client very little. */
    void full(Route.Chosen route, String cause) {
        long now = nanoClock.getAsLong();
        if (now - fullSaidNanos < PAUSE_NANOS) {
            fullUnsaid++;
            return;
        }
        log.info(
                RepeatFilter.ALWAYS,
                "{}: backend #{} is full: {}. {} more requests have got this answer since the last such line",
                route.frontend().requestedHost(),
                route.index(),
                cause,
                fullUnsaid);
        fullSaidNanos = now;
        fullUnsaid = 0;
    }

    /** The client was cut off, because there is no other way left to tell it. */
    void cutOff(Route.Chosen route, String cause, RequestHead request) {
        line(route, "cut off the client of " + backend(route), cause, request.target(), "");
    }

    private void notMarked(Route.Chosen route, String cause, String target, String why) {
        failed(route, cause, target, "not marked dead, because " + why);
    }

    private void failed(Route.Chosen route, String cause, String target, String consequence) {
        line(route, backend(route) + " failed", cause, target, "; " + consequence);
    }

    private static String backend(Route.Chosen route) {
        return "backend #" + route.index();
    }

    /** Writes the line, unless one of its kind was written within the last second. */
    private void line(Route.Chosen route, String what, String cause, String target, String consequence) {
        Kind kind = new Kind(route.frontend().name(), what, consequence);
        long now = nanoClock.getAsLong();
        Long last = loggedAt.get(kind);
        if (last != null && now - last < PAUSE_NANOS) {
            leftOut++;
            return;
        }
        if (last == null && loggedAt.size() >= MOST_KINDS) {
            loggedAt.remove(loggedAt.keySet().iterator().next());
        }
        loggedAt.put(kind, now);
        String more = leftOut == 0 ? "" : " (" + leftOut + " more failures were not logged)";
        leftOut = 0;
        write(route, what, cause, target, consequence + more);
    }

    private static void write(Route.Chosen route, String what, String cause, String target, String consequence) {
        log.info(
                RepeatFilter.ALWAYS,
                "{}: {} ({}) while handling request for {}{}",
                route.frontend().requestedHost(),
                what,
                cause,
                Printable.shortened(target, MOST_TARGET_CHARS),
                consequence);
    }
}
