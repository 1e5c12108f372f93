package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one log line for each failure of a backend, and has the store mark a dead backend. */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(FailureReport.class);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Driver driver;
    private long fullSaidNanos = System.nanoTime() - SECOND;
    private int fullUnsaid;

    FailureReport(Driver driver) {
        this.driver = driver;
    }

    /** The backend is dead; the only one of a frontend is neither marked nor announced (Hipache lib/worker.js). */
    void dead(Route.Chosen route, String cause, RequestHead request) {
        Frontend frontend = route.frontend();
        log.info(
                "{}: backend #{} is dead ({}) while handling request for {}",
                frontend.requestedHost(),
                route.index(),
                cause,
                request.target());
        if (frontend.backends() > 1) {
            driver.markDead(
                    new DeadBackend(frontend.deadHost(), route.announcedUrl(), route.index(), frontend.backends()));
        }
    }

    /** An attempt failed for a reason that does not make the backend a dead one. */
    void failed(Route.Chosen route, String cause, RequestHead request) {
        log.info(
                "{}: backend #{} reported an error ({}) while handling request for {}",
                route.frontend().requestedHost(),
                route.index(),
                cause,
                request.target());
    }

    /** A request found no free socket. At most one line a second, because such a request costs its client very little. */
    void full(Route.Chosen route, String cause) {
        long now = System.nanoTime();
        if (now - fullSaidNanos < SECOND) {
            fullUnsaid++;
            return;
        }
        log.info(
                "{}: backend #{} is full: {}. {} more requests have got this answer since the last such line",
                route.frontend().requestedHost(),
                route.index(),
                cause,
                fullUnsaid);
        fullSaidNanos = now;
        fullUnsaid = 0;
    }

    /** The client was cut off: its response has begun, so no error page can tell it. */
    void cutOff(Route.Chosen route, String cause, RequestHead request) {
        log.info(
                "{}: cut off the client of backend #{} ({}) while handling request for {}",
                route.frontend().requestedHost(),
                route.index(),
                cause,
                request.target());
    }
}
