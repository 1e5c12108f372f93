package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.messages.Printable;
import io.hipache.messages.RepeatFilter;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one log line for each failure of a backend, and has the store mark a dead backend. */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(FailureReport.class);

    private static final int MOST_TARGET_CHARS = 200;

    private final Driver driver;

    FailureReport(Driver driver) {
        this.driver = driver;
    }

    /** The backend is dead; the only one of a frontend is neither marked nor announced (Hipache lib/worker.js). */
    void dead(Route.Chosen route, String cause, RequestHead request) {
        Frontend frontend = route.frontend();
        log.info(
                RepeatFilter.ALWAYS,
                "{}: backend #{} is dead ({}) while handling request for {}",
                frontend.requestedHost(),
                route.index(),
                cause,
                target(request));
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
                target(request));
    }

    /** The client was cut off: its response has begun, so no error page can tell it. */
    void cutOff(Route.Chosen route, String cause, RequestHead request) {
        log.info(
                "{}: cut off the client of backend #{} ({}) while handling request for {}",
                route.frontend().requestedHost(),
                route.index(),
                cause,
                target(request));
    }

    /** Enough to recognise the request. A client may send 32 KB, and each attempt may have its line. */
    private static String target(RequestHead request) {
        return Printable.shortened(request.target(), MOST_TARGET_CHARS);
    }
}
