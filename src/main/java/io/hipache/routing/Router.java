package io.hipache.routing;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import java.util.Collection;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a backend for a Host header, or the reason why there is none. Called anew for every attempt of an exchange. Owned by
 * the worker and confined to its event loop.
 */
public final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    /** The answer of the store counts, not what it holds. */
    private static final HostLookup READINESS = HostLookup.ofNobody("ready");

    private final Driver driver;
    private final BackendPicker picker;
    private final boolean matchedKey;
    private long errorLoggedNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);

    public Router(Driver driver, DeathSettings deaths) {
        this(driver, deaths, new SplittableRandom());
    }

    public Router(Driver driver, DeathSettings deaths, RandomGenerator random) {
        this.driver = driver;
        this.picker = new BackendPicker(random, deaths.rawUrl());
        this.matchedKey = deaths.matchedKey();
    }

    /**
     * Routes one attempt.
     *
     * @param hostHeader null when the request has none
     * @param tried backends that failed for this request already
     * @param preferred what is chosen again if it still stands at its place and is alive, null for none
     * @param room what happens to the request at a backend; asked once the store has answered
     * @param heldBytes about the bytes that wait with the request until it is routed
     * @param then called exactly once, on the event loop, perhaps before this method returns; not called any more once the
     *     route is cancelled. When it throws, it is called once more, with a refusal: nobody else could answer the client
     * @return the route that is being looked for, null when {@code then} was called already
     */
    public @Nullable Pending route(
            @Nullable String hostHeader,
            Collection<Backend> tried,
            Route.@Nullable Chosen preferred,
            Function<Backend, Room> room,
            int heldBytes,
            Consumer<Route> then) {
        RequestedHost requested = RequestedHost.of(hostHeader);
        if (requested instanceof RequestedHost.Name name) {
            HostLookup lookup = HostLookup.of(name.host(), name.written(), matchedKey);
            PendingRoute pending = new PendingRoute(lookup, tried, preferred, room, heldBytes, then);
            driver.read(lookup, pending);
            return pending.unlessDone();
        } else if (requested instanceof RequestedHost.Malformed malformed) {
            then.accept(new Route.Refused(400, malformed.reason(), malformed.message(), "", null));
        } else if (requested instanceof RequestedHost.Ready) {
            return readiness(heldBytes, then);
        } else {
            then.accept(new Route.Health(EndReason.PING));
        }
        return null;
    }

    /**
     * Finds out whether a request could be routed now, by a look-up that costs the store what any look-up does. A store that
     * is known to be away is not waited for.
     */
    private @Nullable Pending readiness(int heldBytes, Consumer<Route> then) {
        PendingReadiness pending = new PendingReadiness(heldBytes, then);
        if (driver.answersFromCopy()) {
            pending.found(() -> new Route.Health(EndReason.READY));
        } else if (driver.isReachable()) {
            driver.read(READINESS, pending);
        } else {
            pending.unavailable("");
        }
        return pending.unlessDone();
    }

    /** Logs one error a second. */
    private void logError(Throwable error) {
        long now = System.nanoTime();
        if (now - errorLoggedNanos >= TimeUnit.SECONDS.toNanos(1)) {
            errorLoggedNanos = now;
            LOG.error("A request gets a 500, because its route caused an unexpected error", error);
        }
    }

    /** A route that is being looked for. */
    public interface Pending {

        /** Nobody waits for the route any more. The look-up ends, or goes on and keeps nothing of the request. */
        void cancel();
    }

    /** What waits for the answer to one look-up. */
    private abstract class Waiting implements ReadCallback, Pending {

        private final String host;
        private final int heldBytes;
        private @Nullable Consumer<Route> then;

        /** @param host that is looked up, empty when it is not the client's */
        Waiting(String host, int heldBytes, Consumer<Route> then) {
            this.host = host;
            this.heldBytes = heldBytes;
            this.then = then;
        }

        /** This one while its answer is missing, else null. */
        @Nullable
        Pending unlessDone() {
            return then == null ? null : this;
        }

        @Override
        public void cancel() {
            then = null;
        }

        @Override
        public boolean isWanted() {
            return then != null;
        }

        @Override
        public int heldBytes() {
            return heldBytes;
        }

        void found(Supplier<Route> route) {
            Consumer<Route> waiting = then;
            if (waiting == null) {
                return;
            }
            then = null;
            try {
                waiting.accept(route.get());
            } catch (Throwable e) {
                // also an allocation that failed
                logError(e);
                waiting.accept(refused(500, EndReason.INTERNAL_ERROR, "internal error"));
            }
        }

        Route refused(int status, EndReason reason, String message) {
            return new Route.Refused(status, reason, message, host, null);
        }
    }

    /** The question whether requests can be routed. */
    private final class PendingReadiness extends Waiting {

        PendingReadiness(int heldBytes, Consumer<Route> then) {
            super("", heldBytes, then);
        }

        @Override
        public void rows(Rows rows) {
            found(() -> new Route.Health(EndReason.READY));
        }

        @Override
        public void tooLarge() {
            found(() -> new Route.Health(EndReason.READY));
        }

        @Override
        public void wrongType() {
            found(() -> new Route.Health(EndReason.READY));
        }

        @Override
        public void unavailable(String reason) {
            // whoever asks for a known host just now waits a little, and gets an answer
            boolean ready = driver.couldAnswerFromCopy();
            found(() -> new Route.Health(ready ? EndReason.READY : EndReason.STORE_AWAY));
        }
    }

    /** One route. */
    private final class PendingRoute extends Waiting {

        private final HostLookup lookup;
        private final Collection<Backend> tried;
        private final Route.@Nullable Chosen preferred;
        private @Nullable Function<Backend, Room> room;

        PendingRoute(
                HostLookup lookup,
                Collection<Backend> tried,
                Route.@Nullable Chosen preferred,
                Function<Backend, Room> room,
                int heldBytes,
                Consumer<Route> then) {
            super(lookup.requestedHost(), heldBytes, then);
            this.lookup = lookup;
            this.tried = tried;
            this.preferred = preferred;
            this.room = room;
        }

        @Override
        public void cancel() {
            super.cancel();
            room = null;
        }

        @Override
        public void rows(Rows rows) {
            String name = rows.name();
            Function<Backend, Room> room = this.room;
            if (name == null || room == null) {
                found(() -> refused(400, EndReason.NO_FRONTEND, "frontend not found"));
            } else {
                found(() -> picker.pick(lookup, name, rows, tried, preferred, room));
            }
        }

        @Override
        public void tooLarge() {
            found(() -> refused(502, EndReason.STORE_TOO_LARGE, "The frontend is too large"));
        }

        @Override
        public void wrongType() {
            found(() -> refused(502, EndReason.STORE_WRONG_TYPE, "The frontend cannot be read"));
        }

        @Override
        public void unavailable(String reason) {
            found(() -> refused(503, EndReason.STORE_AWAY, "Cannot reach the configuration store"));
        }
    }
}
