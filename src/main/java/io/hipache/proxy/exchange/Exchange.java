package io.hipache.proxy.exchange;

import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import io.hipache.net.ReadGate.Reason;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.RetryPolicy.Retry;
import io.hipache.proxy.exchange.RetryPolicy.Verdict;
import io.hipache.proxy.exchange.head.RequestTarget;
import io.hipache.proxy.exchange.head.Upgrade;
import io.hipache.routing.Backend;
import io.hipache.routing.Room;
import io.hipache.routing.Route;
import io.hipache.routing.Router;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request with its response. {@link #proceed} is the loop: it routes the request, tries a backend, judges the outcome,
 * and then tries again or answers. A {@link Relay} then passes the response on. The exchange reports one {@link ExchangeEnd},
 * however the request ends. Its {@link Client} owns it. Confined to the event loop.
 */
public final class Exchange implements Attempt.Observer {
    /** The logged status of a client that left before its answer (nginx's number). */
    private static final int CLIENT_LEFT = 499;

    private final ProxyServices services;
    private final Client client;
    private final RequestHead request;
    private final RequestTarget target;
    private final Client.@Nullable Upgradable upgradable;
    private final OutgoingRequest outgoing;
    private final RequestBody body;
    private final ExchangeAccount account;
    private final FailedAttempts failedAttempts;
    /** The route that is being looked for, while the exchange waits for it. */
    private Router.@Nullable Pending routing;

    private @Nullable Attempt attempt;
    /** The connection to a backend, while there is one. The attempt gives its claim up when it ends. */
    private @Nullable UpstreamExchange upstream;
    /** Null until the request has waited for a socket in vain. */
    private @Nullable Long waitDeadlineNanos;
    /** The client has been told to send its body. */
    private boolean continuePassed;
    /** The response of a backend, from its final head on. */
    private @Nullable Relay relay;

    private boolean admitted;
    private boolean over;

    public Exchange(ProxyServices services, Client client, RequestHead request) {
        this.services = services;
        this.client = client;
        this.request = request;
        this.target = RequestTarget.of(request);
        this.upgradable = client instanceof Client.Upgradable able ? able : null;
        Upgrade upgrade = upgradable == null ? null : Upgrade.askedBy(request);
        this.body = new RequestBody(
                client.gate(),
                request.framing(),
                services.admission(),
                client.identity().address(),
                services.nanoClock());
        this.account = new ExchangeAccount(services, client, request, target.host(), body);
        this.outgoing =
                new OutgoingRequest(request, target, upgrade, client.identity(), services.settings(), account.ids());
        this.failedAttempts = new FailedAttempts(services, request, body);
    }

    public void begin() {
        services.exchangeBegins();
        admitted = services.admission()
                .admitRequest(request.memory(), client.identity().address());
        if (!admitted) {
            answer(503, EndReason.LIMIT_REQUESTS, "too many requests", true);
        } else if (request.method().equals("CONNECT")) {
            answer(405, EndReason.METHOD_REFUSED, "CONNECT is not for a reverse proxy", false);
        } else if (target.problem() != null) {
            answer(400, EndReason.MALFORMED_REQUEST, target.problem(), false);
        } else if (request.maxForwards() == 0) {
            boolean trace = request.method().equals("TRACE");
            answerHere(200, trace ? ErrorPages.trace(request) : ErrorPages.OPTIONS, EndReason.MAX_FORWARDS);
        } else if (services.settings().via().isIn(request.fields())) {
            answer(508, EndReason.LOOP_DETECTED, "the request has been here before", true);
        } else {
            proceed();
        }
    }

    /** Where the client puts what follows the head of the request. */
    public RequestBody body() {
        return body;
    }

    // route, try, judge, again or answer

    /**
     * The loop of a request. The store and the backend take their time: each of the two lambdas goes on when its answer is
     * here, and by then the client may be gone.
     */
    private void proceed() {
        routing = null;
        Collection<Backend> tried = failedAttempts.backends();
        Route.Chosen preferred = client.login().preferred(request);
        Function<Backend, Room> room = services.upstreams().room(outgoing.upgrade() != null);
        int heldBytes = request.line().length() + request.fields().length();
        Router.Pending pending = services.router().route(target.host(), tried, preferred, room, heldBytes, route -> {
            if (over) {
                return;
            }
            if (!(route instanceof Route.Chosen chosen)) {
                refuse(route);
                return;
            }
            Attempt next = new Attempt(chosen, outgoing, body, this, end -> {
                if (end instanceof AttemptEnd.Answered answered) {
                    relay(chosen, answered.head(), answered.upstream());
                } else if (end instanceof AttemptEnd.Switched switched) {
                    switchProtocols(chosen, switched);
                } else if (end instanceof AttemptEnd.FreeElsewhere moving) {
                    waitDeadlineNanos = moving.waitDeadlineNanos();
                    account.lookupBegins();
                    proceed();
                } else if (end instanceof AttemptEnd.Failed failed) {
                    Verdict verdict = judge(chosen, failed.failure());
                    if (verdict.retry() == Retry.NO) {
                        answer(verdict.status(), failed.failure().reason(), verdict.message(), true);
                    } else {
                        proceed();
                    }
                } else {
                    throw new IllegalStateException("unknown end of an attempt: " + end);
                }
            });
            next.waitUntil(waitDeadlineNanos);
            attempt = next;
            account.attemptBegins(next);
            client.login().start(next, request, services.upstreams(), failedAttempts.needsFreshConnection());
        });
        if (pending != null) {
            routing = pending;
        }
    }

    private void refuse(Route route) {
        if (route instanceof Route.Refused refused) {
            account.refused(refused.host(), refused.frontend());
            answer(refused.status(), refused.reason(), refused.message(), true);
        } else {
            EndReason found = ((Route.Health) route).reason();
            EndReason health = found == EndReason.READY && client.isDraining() ? EndReason.DRAINING : found;
            boolean well = health == EndReason.PING || health == EndReason.READY;
            answerHere(well ? 200 : 503, well ? ErrorPages.PONG : ErrorPages.notReady(health), health);
        }
    }

    /** The request goes no further than to this proxy. */
    private void answerHere(int status, ErrorPages.Page page, EndReason reason) {
        boolean keepAlive = mayKeepAlive() && body.isComplete();
        client.page(request.isHead(), status, page, keepAlive, AddedHeaders.NONE);
        end(status, reason);
        client.exchangeEnded(keepAlive);
    }

    /** Says what follows from a failed attempt, and has the backend marked dead where that follows. */
    private Verdict judge(Route.Chosen route, UpstreamFailure failure) {
        forgetUpstream();
        account.attemptFailed(failure.reason());
        Verdict verdict = failedAttempts.judge(route, failure);
        body.detach();
        if (verdict.retry() != Retry.NO) {
            account.lookupBegins();
        }
        return verdict;
    }

    // what an attempt tells before its end

    @Override
    public void connected(UpstreamExchange connection) {
        upstream = connection;
        client.watch(connection);
        // the backend's silence counts from here, not from when the request began to wait
        client.touch();
    }

    @Override
    public void interim(ResponseHead head) {
        client.touch();
        boolean awaited = head.status() == 100 && waitsForContinue();
        // a proxy may drop what its client does not wait for (RFC 9110 §15.2), and no window of HTTP/2 limits heads
        if (request.version() != Version.HTTP_1_0 && (awaited || client.isWritable())) {
            continuePassed |= awaited;
            client.interim(request, head);
            holdBackendWhileClientIsFull();
        }
    }

    /** Whether the client may be waiting for a {@code 100 Continue} before it sends its body. */
    private boolean waitsForContinue() {
        return request.expectsContinue() && body.received() == 0 && !continuePassed;
    }

    @Override
    public void readComplete() {
        client.flush();
    }

    /** The connection to the backend is not this request's any more. */
    void forgetUpstream() {
        upstream = null;
        client.watch(null);
    }

    // the answer of a backend

    private void relay(Route.Chosen route, ResponseHead head, UpstreamExchange answering) {
        client.touch();
        Relay begun = new Relay(this, client, request, body, route, head, answering);
        relay = begun;
        answering.relayTo(begun);
        failedAttempts.answered(route, head);
        body.stopKeeping();
        begun.begin(head, mayKeepAlive(), account.addedHeaders(null, head.status(), EndReason.ANSWERED));
    }

    /** The backend has switched protocols: from here on there is a tunnel and no exchange. */
    private void switchProtocols(Route.Chosen route, AttemptEnd.Switched switched) {
        if (upgradable == null) {
            throw new IllegalStateException("an upgrade was granted that the client cannot follow");
        }
        client.touch();
        int switching = switched.head().status();
        failedAttempts.answered(route, switched.head());
        ExchangeEnd soFar = account.end(switching, EndReason.TUNNEL_CLOSED);
        over = true;
        services.admission().requestEnded(request.memory());
        body.release();
        forgetUpstream();
        AddedHeaders added = account.addedHeaders(null, switching, EndReason.ANSWERED);
        upgradable.switchProtocols(request, switched.head(), added, switched.connection(), soFar);
        services.exchangeEnds();
    }

    // the answer of the proxy

    private void answer(int code, EndReason reason, String message, boolean wellFormed) {
        boolean keepAlive = wellFormed && mayKeepAlive() && body.isComplete();
        client.page(
                request.isHead(),
                code,
                services.pages().page(code, message),
                keepAlive,
                account.addedHeaders(message, code, reason));
        end(code, reason);
        client.exchangeEnded(keepAlive);
    }

    /** Whether the client has said that this is its last request, and nothing of it is on its way. */
    public boolean wasLastOfClient() {
        return !request.keepsAlive() && body.isComplete();
    }

    private boolean mayKeepAlive() {
        return request.keepsAlive() && !client.isDraining();
    }

    /** The client has got a part of something, or sends one: what it has must not look complete. */
    void cutOff(String cause, EndReason reason) {
        if (attempt != null) {
            services.failures().cutOff(attempt.route(), cause, request);
        }
        // a reset overtakes what was sent: only a client that does not fetch it deserves one, or that cannot tell
        // otherwise
        boolean atOnce = relay == null || (reason == EndReason.STALLED && client.hasUnfetched());
        end(relay == null ? CLIENT_LEFT : relay.status(), reason);
        if (atOnce) {
            client.cut();
        } else {
            client.breakOff();
        }
    }

    // what the client does meanwhile

    /** Reads the backend no faster than the client fetches what it sends. Call this when the client is full, or not any more. */
    public void holdBackendWhileClientIsFull() {
        UpstreamExchange from = upstream;
        if (from == null) {
            return;
        }
        if (!client.isWritable()) {
            // what waits must move, or the client would never become writable again
            client.flush();
        }
        if (client.isWritable()) {
            from.gate().resume(Reason.SINK_FULL);
        } else {
            from.gate().pause(Reason.SINK_FULL);
        }
    }

    /** The backend takes more bytes, or does not for now. */
    @Override
    public void writabilityChanged() {
        client.touch();
        body.sinkWritabilityChanged();
    }

    /** The client is gone since {@code nanos}, or nothing more can come from it for {@code reason}. */
    public void clientLeft(EndReason reason, long nanos) {
        if (!over) {
            account.clientLeft(nanos);
            end(relay == null ? CLIENT_LEFT : relay.status(), reason);
        }
    }

    /** What followed the head breaks the rules of framing: there is no telling where the next request begins. */
    public void requestMalformed(MalformedMessage malformed) {
        if (over) {
            return;
        }
        if (relay != null) {
            cutOff(malformed.reason(), UnreadableRequest.reason(malformed));
        } else {
            answer(malformed.status(), UnreadableRequest.reason(malformed), malformed.reason(), false);
        }
    }

    /** Nothing has moved for {@code tcpTimeout}. The look-up and the pool have deadlines of their own, and answer at them. */
    public void timedOut() {
        Attempt current = attempt;
        if (over || current == null || upstream == null) {
            return;
        }
        if (relay != null || isClientsTurn()) {
            cutOff("stalled", EndReason.STALLED);
        } else {
            current.timeOut();
        }
    }

    /** To be called now and then: ends the request when the client sends its body too slowly. */
    public void lookAtBody() {
        // behind the head of a response, a client and a backend may talk for hours
        if (!over
                && relay == null
                && upstream != null
                && body.isTooSlow(isClientsTurn(), services.settings().tcpTimeout())) {
            services.admission().bodyTooSlow(client.identity().address());
            answer(408, EndReason.LIMIT_BODY_RATE, "the request body comes too slowly", true);
        }
    }

    /** Whether only the client can go on. One that waits for its 100 may wait for the backend just as well: it gets a page. */
    private boolean isClientsTurn() {
        return body.isDue() && !waitsForContinue();
    }

    // the end

    /** Whether its end is reported, or its connections have become a tunnel. */
    boolean isOver() {
        return over;
    }

    /** Ends everything that is still under way, and reports the end. */
    void end(int loggedStatus, EndReason reason) {
        if (over) {
            throw new IllegalStateException("the exchange is over already, and cannot end in " + reason);
        }
        over = true;
        if (routing != null) {
            routing.cancel();
        }
        if (attempt != null) {
            attempt.abandon();
        }
        if (upstream != null) {
            upstream.discard();
            forgetUpstream();
        }
        body.release();
        if (admitted) {
            services.admission().requestEnded(request.memory());
        }
        services.ends().accept(account.end(loggedStatus, reason));
        services.exchangeEnds();
    }
}
