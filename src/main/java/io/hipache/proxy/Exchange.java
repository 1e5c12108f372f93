package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.routing.Backend;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import io.hipache.upstream.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request with its response: routes it, tries backends until one answers or none is left, and writes the access-log
 * line. Owned by its {@link ClientHandler}; confined to the event loop.
 */
final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
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
    }

    private final Proxy proxy;
    private final ProxyServices services;
    private final ClientConnection client;
    private final Owner owner;
    private final RequestHead request;
    private final RequestTarget target;
    private final RequestBody body;
    private final long startMillis = System.currentTimeMillis();
    private final long startNanos = System.nanoTime();
    private final long bytesBefore;
    private Set<Backend> tried = Set.of();
    private int retried;
    private boolean retriedFresh;
    private boolean backendKeepsAlive;
    private @Nullable Attempt attempt;
    private int status;
    private boolean over;

    Exchange(Proxy proxy, ClientConnection client, Owner owner, RequestHead request) {
        this.proxy = proxy;
        this.services = proxy.services();
        this.client = client;
        this.owner = owner;
        this.request = request;
        this.target = RequestTarget.of(request);
        this.body = new RequestBody(client.gate(), request.framing());
        this.bytesBefore = client.bytesWritten();
    }

    void begin() {
        if (target.problem() != null) {
            answer(400, target.problem(), false);
        } else if (request.method().equals("CONNECT")) {
            answer(405, "CONNECT is not for a reverse proxy", false);
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

    ClientConnection client() {
        return client;
    }

    void touch() {
        owner.touch();
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

    /** The client is gone, or has sent something that ends its connection. */
    void clientLeft() {
        if (!over) {
            end();
            writeAccessLog(status == 0 ? CLIENT_LEFT : status);
        }
    }

    /** What followed the head breaks the rules of framing: there is no telling where the next request begins. */
    void requestMalformed(MalformedMessage malformed) {
        if (attempt != null && attempt.responseBegun()) {
            clientLeft();
            client.cut();
        } else {
            answer(malformed.status(), malformed.reason(), false);
        }
    }

    /** Nothing has moved for {@code tcpTimeout}. */
    void timedOut() {
        Attempt current = attempt;
        if (current == null) {
            // the look-up has its own deadline, and answers at it
            return;
        }
        if (current.responseBegun() || (!body.isComplete() && current.isConnected() && current.backendReads())) {
            // a body stalled, in either direction: it must not look complete
            log.info("{}: {} stalled, giving up", hostForLog(), request.line());
            current.abandon();
            clientLeft();
            client.cut();
            return;
        }
        boolean connected = current.isConnected();
        current.abandon();
        attemptFailed(current, connected ? new UpstreamFailure.TimedOut() : new UpstreamFailure.NoFreeSocket());
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
            touch();
            Attempt next = new Attempt(this, chosen);
            attempt = next;
            next.start(services.upstreams(), retriedFresh);
        } else if (route instanceof Route.Refused refused) {
            answer(refused.status(), refused.message(), true);
        } else if (route instanceof Route.Ping) {
            status = 200;
            boolean keepAlive = mayKeepAlive() && body.isComplete();
            Answers.pong(client, request, keepAlive);
            end();
            owner.exchangeEnded(keepAlive);
        }
    }

    void writeRequestHead(ByteBuf out) {
        proxy.requestHeads().write(request, target, client, out);
    }

    void attemptFailed(Attempt failed, UpstreamFailure failure) {
        if (over) {
            return;
        }
        body.detach();
        if (failed.responseBegun()) {
            log.info(
                    "{}: backend #{} broke off its response ({}) to {}",
                    hostForLog(),
                    failed.route().index(),
                    failure.cause(),
                    request.target());
            clientLeft();
            client.cut();
            return;
        }
        RetryPolicy.Facts facts =
                new RetryPolicy.Facts(request.isIdempotent(), body.isReplayable(), retried, retriedFresh);
        Verdict verdict = proxy.retryPolicy().decide(failure, facts);
        reportFailure(failed.route(), failure, verdict.markDead());
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

    private void reportFailure(Route.Chosen route, UpstreamFailure failure, boolean dead) {
        if (dead) {
            markDead(route, failure.cause());
        } else {
            log.info(
                    "{}: backend #{} reported an error ({}) while handling request for {}",
                    hostForLog(),
                    route.index(),
                    failure.cause(),
                    request.target());
        }
    }

    private void markDead(Route.Chosen route, String cause) {
        Frontend frontend = route.frontend();
        log.info(
                "{}: backend #{} is dead ({}) while handling request for {}",
                hostForLog(),
                route.index(),
                cause,
                request.target());
        // the only backend of a frontend is neither marked nor announced (Hipache lib/worker.js)
        if (frontend.backends() > 1) {
            services.driver()
                    .markDead(
                            new DeadBackend(frontend.requestedHost(), route.url(), route.index(), frontend.backends()));
        }
    }

    // the answer

    /** The final head of a backend's response has arrived. */
    ResponseRelay beginResponse(Attempt answering, ResponseHead head) {
        status = head.status();
        backendKeepsAlive = head.keepsAlive();
        if (proxy.healthRule().marksDead(head, services.driver().activeCheckerAlive())) {
            markDead(answering.route(), "HTTP error code " + status);
        }
        body.stopKeeping();
        // a client that was promised a 100 and sees this instead may or may not send its body
        boolean keepAlive = mayKeepAlive() && (body.isComplete() || !request.expectsContinue());
        return ResponseRelay.begin(client, request, head, keepAlive, debugHeaders(null));
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
        status = code;
        boolean keepAlive = wellFormed && mayKeepAlive() && body.isComplete();
        Answers.page(
                client, request.isHead(), code, services.pages().page(code, message), keepAlive, debugHeaders(message));
        end();
        writeAccessLog(code);
        owner.exchangeEnded(keepAlive);
    }

    private boolean mayKeepAlive() {
        return request.keepsAlive() && !owner.isDraining();
    }

    private DebugHeaders debugHeaders(@Nullable String error) {
        if (!request.fields().contains(KnownField.X_DEBUG)) {
            return DebugHeaders.NONE;
        }
        long now = System.nanoTime();
        return attempt == null
                ? new DebugHeaders(services.settings().version(), error, null, 0, 0)
                : new DebugHeaders(
                        services.settings().version(),
                        error,
                        attempt.route(),
                        now - startNanos,
                        now - attempt.startNanos());
    }

    private void end() {
        over = true;
        if (attempt != null) {
            attempt.abandon();
        }
        body.release();
    }

    private void writeAccessLog(int loggedStatus) {
        if (attempt == null) {
            return;
        }
        Fields fields = request.fields();
        String realIp = client.trusted() ? fields.first(KnownField.X_REAL_IP) : null;
        String referer = fields.first(KnownField.REFERER);
        String userAgent = fields.first(KnownField.USER_AGENT);
        long now = System.nanoTime();
        services.accessLog()
                .accept(new AccessLogEntry(
                        realIp == null ? client.address() : realIp,
                        startMillis,
                        request.line(),
                        loggedStatus,
                        client.bytesWritten() - bytesBefore,
                        referer == null ? "" : referer,
                        userAgent == null ? "" : userAgent,
                        attempt.route().frontend().virtualHost(),
                        now - startNanos,
                        now - attempt.startNanos()));
    }

    private String hostForLog() {
        return attempt == null
                ? String.valueOf(target.host())
                : attempt.route().frontend().requestedHost();
    }
}
