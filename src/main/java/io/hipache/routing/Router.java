package io.hipache.routing;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import java.util.Collection;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds a backend for a Host header, or the reason why there is none. Called anew for every attempt of an exchange. Owned by
 * the worker and confined to its event loop.
 */
public final class Router {

    private final Driver driver;
    private final BackendPicker picker;
    private final boolean matchedKey;

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
     * @param room what happens to the request at a backend; asked once the store has answered
     * @param then called exactly once, on the event loop, perhaps before this method returns
     */
    public void route(
            @Nullable String hostHeader,
            Collection<Backend> tried,
            Function<Backend, Room> room,
            Consumer<Route> then) {
        RequestedHost requested = RequestedHost.of(hostHeader);
        if (requested instanceof RequestedHost.Name name) {
            HostLookup lookup = HostLookup.of(name.host(), name.written(), matchedKey);
            driver.read(lookup, new PendingRoute(lookup, tried, room, then));
        } else if (requested instanceof RequestedHost.Malformed malformed) {
            then.accept(new Route.Refused(400, malformed.reason(), malformed.message(), "", null));
        } else {
            then.accept(new Route.Ping());
        }
    }

    /** One route that waits for its look-up. */
    private final class PendingRoute implements ReadCallback {

        private final HostLookup lookup;
        private final Collection<Backend> tried;
        private final Function<Backend, Room> room;
        private final Consumer<Route> then;

        PendingRoute(HostLookup lookup, Collection<Backend> tried, Function<Backend, Room> room, Consumer<Route> then) {
            this.lookup = lookup;
            this.tried = tried;
            this.room = room;
            this.then = then;
        }

        @Override
        public void rows(Rows rows) {
            String name = rows.name();
            then.accept(name == null ? noFrontend() : picker.pick(lookup, name, rows, tried, room));
        }

        @Override
        public void unavailable(String reason) {
            then.accept(new Route.Refused(
                    502, EndReason.STORE_AWAY, "Cannot reach the configuration store", lookup.requestedHost(), null));
        }

        private Route noFrontend() {
            return new Route.Refused(400, EndReason.NO_FRONTEND, "frontend not found", lookup.requestedHost(), null);
        }
    }
}
