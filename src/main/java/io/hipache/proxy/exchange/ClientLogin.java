package io.hipache.proxy.exchange;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.routing.Route;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamPool;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a backend on which one client has logged in, or is about to, by a scheme that counts for the whole
 * connection ({@link io.hipache.http.ConnectionLogin}). Nobody else may send a request on it, and the client has to: the
 * login itself takes several requests. One for each connection of a client; confined to the event loop.
 */
public final class ClientLogin {
    private final boolean possible;
    private Route.@Nullable Chosen route;
    private @Nullable UpstreamExchange connection;

    private ClientLogin(boolean possible) {
        this.possible = possible;
    }

    /** For a connection of HTTP/1.1, whose requests come one after the other. */
    public static ClientLogin ofConnection() {
        return new ClientLogin(true);
    }

    /** For HTTP/2, where these schemes do not work: its requests are under way at the same time. */
    public static ClientLogin none() {
        return new ClientLogin(false);
    }

    /** Where the client's next request should go while that backend is alive; null for anywhere. */
    Route.@Nullable Chosen preferred(RequestHead request) {
        return connection == null || speaksForOthers(request) ? null : route;
    }

    /** Begins an attempt, on the connection of this login where it leads to the backend. */
    void start(Attempt attempt, RequestHead request, UpstreamPool pool, boolean fresh) {
        UpstreamExchange own = connection;
        if (own == null
                || route == null
                || fresh
                || speaksForOthers(request)
                || !route.backend().equals(attempt.route().backend())) {
            attempt.start(pool, fresh);
            return;
        }
        connection = null;
        if (own.resume(attempt.asksForTunnel())) {
            attempt.acquired(own, 0);
        } else {
            attempt.start(pool, false);
        }
    }

    /** Ends an exchange whose connection can serve another: this client alone, or everybody. */
    void finish(Route.Chosen served, UpstreamExchange done, RequestHead request, boolean clientStays) {
        if (possible && clientStays && !speaksForOthers(request) && done.keep()) {
            close();
            route = served;
            connection = done;
        } else {
            done.giveBack();
        }
    }

    /** The client has gone, and its login with it. */
    public void close() {
        if (connection != null) {
            connection.discard();
            connection = null;
        }
    }

    /** Whether the client is a proxy that sends requests of several users on one connection. */
    private static boolean speaksForOthers(RequestHead request) {
        Fields fields = request.fields();
        return fields.contains(KnownField.X_FORWARDED_FOR)
                || fields.contains(KnownField.X_REAL_IP)
                || fields.contains(KnownField.OTHER_ORIGIN)
                || fields.contains(KnownField.VIA);
    }
}
