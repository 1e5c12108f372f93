package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.routing.Backend;
import io.hipache.routing.Route;
import io.hipache.upstream.UpstreamConnection;
import io.hipache.upstream.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request with its response: routes it, tries backends until one answers or none is left, and writes the access-log
 * line. Owned by what serves its client, its {@link Owner}; confined to the event loop.
 */
final class Exchange {
    /** What the log says of a client that left before its answer (nginx's word for it). */
    private static final int CLIENT_LEFT = 499;

    /** What an exchange tells its connection. */
    interface Owner {
        /** The exchange is over; {@code keepAlive} when the connection can serve another one. */
        void exchangeEnded(boolean keepAlive);

        /** Something moved. */
        void touch();

        /** Whether the connection is to be closed as soon as it is idle. */
        boolean isDraining();

        /**
         * The exchange is over, and the connection one end of a tunnel. Only HTTP/1.1 has such requests.
         *
         * @param line the access-log line of the exchange so far
         */
        void becomeTunnel(UpstreamConnection backend, AccessLogEntry line);
    }

    private final Proxy proxy;
    private final ProxyServices services;
    private final Client client;
    private final Owner owner;
    private final RequestHead request;
    private final RequestTarget target;
    private final @Nullable Upgrade upgrade;
    private final RequestBody body;
    private final Account account;
    private Set<Backend> tried = Set.of();
    private int retried;
    private boolean retriedFresh;
    private boolean backendKeepsAlive;
    private @Nullable Attempt attempt;
    private int status;
    private boolean over;

    Exchange(Proxy proxy, Client client, Owner owner, RequestHead request) {
        this.proxy = proxy;
        this.services = proxy.services();
        this.client = client;
        this.owner = owner;
        this.request = request;
        this.target = RequestTarget.of(request);
        this.upgrade = Upgrade.askedBy(request);
        this.body = new RequestBody(client.gate(), request.framing());
        this.account = new Account(client, request);
    }

    void begin() {
        proxy.countRequest();
        if (request.method().equals("CONNECT")) {
            answer(405, "CONNECT is not for a reverse proxy", false);
        } else if (target.problem() != null) {
            answer(400, target.problem(), false);
        } else {
            route();
        }
    }

    RequestHead request() {
        return request;
    }

    RequestBody body() {
        return body;
    }

    Client client() {
        return client;
    }

    void touch() {
        owner.touch();
    }

    /** A figure that changes whenever the backend has taken some of the bytes that wait for it. */
    long writeProgress() {
        return attempt == null ? 0 : attempt.writeProgress();
    }

    /** How long ago the kernel last sent bytes to the backend; {@link Long#MAX_VALUE} when it has not. */
    long nanosSinceSent() {
        return attempt == null ? Long.MAX_VALUE : attempt.nanosSinceSent();
    }

    // what the client does meanwhile

    /** The client's bytes so far have been passed on. */
    void requestReadComplete() {
        if (attempt != null) {
            attempt.flushRequest();
        }
    }

    void clientWritabilityChanged() {
        if (attempt != null) {
            attempt.clientWritabilityChanged();
        }
    }

    /** The client is gone. */
    void clientLeft() {
        if (!over) {
            end();
            writeAccessLog(status == 0 ? CLIENT_LEFT : status);
        }
    }

    /** What followed the head breaks the rules of framing: there is no telling where the next request begins. */
    void requestMalformed(MalformedMessage malformed) {
        if (over) {
            return;
        }
        if (attempt != null && attempt.responseBegun()) {
            cutOff(attempt, malformed.reason());
        } else {
            answer(malformed.status(), malformed.reason(), false);
        }
    }

    /** Nothing has moved for {@code tcpTimeout}. */
    void timedOut() {
        Attempt current = attempt;
        if (over || current == null || !current.isConnected()) {
            // the look-up and the pool have deadlines of their own, and answer at them
            return;
        }
        if (current.responseBegun() || isClientsTurn(current)) {
            cutOff(current, "stalled");
        } else {
            current.abandon();
            attemptFailed(current, new UpstreamFailure.TimedOut());
        }
    }

    /** Whether more of the request could be sent if there were more; one that waits for its 100 is not due yet. */
    private boolean isClientsTurn(Attempt current) {
        boolean waitsForInterim = request.expectsContinue() && !body.isBegun() && !current.interimPassed();
        return !body.isComplete() && !waitsForInterim && current.backendReads();
    }

    /** The client has got a part of something, or sends one: what it has must not look complete. */
    private void cutOff(Attempt current, String cause) {
        proxy.failures().cutOff(current.route(), cause, request);
        clientLeft();
        client.cut();
    }

    // routing and attempts

    private void route() {
        services.router().route(target.host(), tried, this::routed);
    }

    private void routed(Route route) {
        if (over) {
            return;
        }
        if (route instanceof Route.Chosen chosen) {
            Attempt next = new Attempt(this, chosen);
            attempt = next;
            next.start(services.upstreams(), retriedFresh);
        } else if (route instanceof Route.Refused refused) {
            answer(refused.status(), refused.message(), true);
        } else if (route instanceof Route.Ping) {
            boolean keepAlive = mayKeepAlive() && body.isComplete();
            client.page(request.isHead(), 200, ErrorPages.PONG, keepAlive, DebugHeaders.NONE);
            end();
            owner.exchangeEnded(keepAlive);
        }
    }

    void writeRequestHead(ByteBuf out) {
        proxy.requestHeads().write(request, target, upgrade, client.identity(), out);
    }

    void attemptFailed(Attempt failed, UpstreamFailure failure) {
        if (over) {
            return;
        }
        body.detach();
        if (failed.responseBegun()) {
            cutOff(failed, failure.cause());
            return;
        }
        RetryPolicy.Facts facts =
                new RetryPolicy.Facts(request.isIdempotent(), body.isReplayable(), retried, retriedFresh);
        Verdict verdict = proxy.retryPolicy().decide(failure, facts);
        if (verdict.markDead()) {
            proxy.failures().dead(failed.route(), failure.cause(), request);
        } else {
            proxy.failures().failed(failed.route(), failure.cause(), request);
        }
        switch (verdict.retry()) {
            case NO -> answer(verdict.status(), verdict.message(), true);
            case AGAIN -> {
                retried++;
                remember(failed.route().backend());
                route();
            }
            case ON_FRESH_CONNECTION -> {
                retriedFresh = true;
                route();
            }
        }
    }

    private void remember(Backend backend) {
        if (tried.isEmpty()) {
            tried = new HashSet<>();
        }
        tried.add(backend);
    }

    // the answer

    /** The final head of a backend's response has arrived. */
    ResponseRelay beginResponse(Attempt answering, ResponseHead head) {
        status = head.status();
        backendKeepsAlive = head.keepsAlive();
        if (proxy.healthRule().marksDead(head, services.driver().activeCheckerAlive())) {
            proxy.failures().dead(answering.route(), "HTTP error code " + status, request);
        }
        body.stopKeeping();
        // a client that was promised a 100 and sees this instead may or may not send its body
        boolean keepAlive = mayKeepAlive() && (body.isComplete() || !request.expectsContinue());
        return client.begin(request, head, keepAlive, debugHeaders(null));
    }

    /** Whether a 101 is what the client has asked for. */
    boolean isSwitchWanted(ResponseHead head) {
        return upgrade != null && upgrade.isGrantedBy(head);
    }

    /** The backend has switched protocols: from here on there is a {@link Tunnel} and no exchange. */
    void switchProtocols(Attempt switched, UpstreamConnection connection, ResponseHead head) {
        client.switching(request, head, debugHeaders(null));
        AccessLogEntry line = account.close(head.status(), switched);
        over = true;
        body.release();
        owner.becomeTunnel(connection, line);
    }

    boolean backendKeepsAlive() {
        return backendKeepsAlive;
    }

    void responseComplete(boolean keepAlive) {
        boolean whole = body.isComplete();
        end();
        client.flush();
        writeAccessLog(status);
        owner.exchangeEnded(keepAlive && whole);
    }

    private void answer(int code, String message, boolean wellFormed) {
        boolean keepAlive = wellFormed && mayKeepAlive() && body.isComplete();
        client.page(request.isHead(), code, services.pages().page(code, message), keepAlive, debugHeaders(message));
        end();
        writeAccessLog(code);
        owner.exchangeEnded(keepAlive);
    }

    private boolean mayKeepAlive() {
        return request.keepsAlive() && !owner.isDraining();
    }

    private DebugHeaders debugHeaders(@Nullable String error) {
        return account.debugHeaders(services.settings().version(), error, attempt);
    }

    private void end() {
        over = true;
        if (attempt != null) {
            attempt.abandon();
        }
        body.release();
    }

    private void writeAccessLog(int loggedStatus) {
        if (attempt != null) {
            services.accessLog().accept(account.close(loggedStatus, attempt));
        }
    }
}
