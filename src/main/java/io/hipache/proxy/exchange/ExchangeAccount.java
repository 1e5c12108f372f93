package io.hipache.proxy.exchange;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.net.EventClock;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.routing.Frontend;
import io.hipache.routing.RequestedHost;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what the {@link ExchangeEnd} of one exchange will say. Confined to the event loop. */
final class ExchangeAccount {
    private final ProxySettings settings;
    private final RequestIds ids;
    private final Client client;
    private final RequestHead request;
    private final @Nullable String host;
    private final RequestBody body;
    private final long startMillis = System.currentTimeMillis();
    private final long startNanos = EventClock.nanoTime();
    private final long bytesBefore;
    private final long bodyBytesBefore;
    private long lookupBeganNanos = startNanos;
    private long lookupNanos;
    private long leftNanos;
    private String requestedHost = "";
    private @Nullable Frontend frontend;
    private List<AttemptOutcome> failedAttempts = List.of();
    private @Nullable Attempt attempt;

    /** @param host as the request spells it, null when it has none */
    ExchangeAccount(
            ProxyServices services, Client client, RequestHead request, @Nullable String host, RequestBody body) {
        this.settings = services.settings();
        this.client = client;
        this.request = request;
        this.host = host;
        this.body = body;
        this.bytesBefore = client.bytesWritten();
        this.bodyBytesBefore = client.bodyBytesWritten();
        this.ids = RequestIds.of(
                request.fields(),
                client.identity().trusted(),
                settings.requestIds(),
                settings.tracing(),
                services.idSource());
    }

    /** By what the request can be found again. */
    RequestIds ids() {
        return ids;
    }

    /** Another look-up follows a failed attempt. */
    void lookupBegins() {
        lookupBeganNanos = EventClock.nanoTime();
    }

    /** The look-up has ended without a backend. */
    void refused(String host, @Nullable Frontend found) {
        lookupNanos += EventClock.nanoTime() - lookupBeganNanos;
        if (!host.isEmpty()) {
            requestedHost = host;
        }
        if (found != null) {
            // else that of the attempts before
            frontend = found;
        }
    }

    /** The look-up has ended with a backend, and an attempt on it begins. */
    void attemptBegins(Attempt next) {
        lookupNanos += next.startNanos() - lookupBeganNanos;
        attempt = next;
        frontend = next.route().frontend();
        requestedHost = frontend.requestedHost();
    }

    /** The attempt has failed, and another one may follow. */
    void attemptFailed(EndReason reason) {
        if (attempt != null) {
            if (failedAttempts.isEmpty()) {
                failedAttempts = new ArrayList<>();
            }
            failedAttempts.add(attempt.outcome(reason, EventClock.nanoTime()));
            attempt = null;
        }
    }

    /** The client left then, which may be known only now. */
    void clientLeft(long nanos) {
        leftNanos = nanos;
    }

    private long endNanos() {
        if (leftNanos == 0) {
            return EventClock.nanoTime();
        }
        long latest = attempt == null ? startNanos : attempt.latestNanos();
        return latest + Math.max(0, leftNanos - latest);
    }

    /** What would be told if the exchange ended now. */
    ExchangeEnd end(int status, EndReason reason) {
        Fields fields = request.fields();
        ClientIdentity who = client.identity();
        String realIp = who.trusted() ? fields.first(KnownField.X_REAL_IP) : null;
        long now = endNanos();
        return new ExchangeEnd(
                who.listener(),
                request.version().text(),
                ids.requestId(),
                ids.traceParent(),
                realIp == null ? who.address() : who.spelled(realIp),
                startMillis,
                request.line(),
                requestedHost.isEmpty() ? unaskedHost() : requestedHost,
                orEmpty(fields.first(KnownField.REFERER)),
                orEmpty(fields.first(KnownField.USER_AGENT)),
                frontend == null ? "" : frontend.name(),
                frontend == null ? "" : frontend.virtualHost(),
                frontend != null && frontend.stale(),
                attempts(reason, now),
                status,
                reason,
                fields.length() + request.line().length() + body.received(),
                client.bytesWritten() - bytesBefore,
                client.bodyBytesWritten() - bodyBytesBefore,
                lookupNanos,
                now - startNanos);
    }

    /** The headers for an answer with this status that somebody asks for. {@code error} is that of a page. */
    AddedHeaders addedHeaders(@Nullable String error, int soFarStatus, EndReason reason) {
        boolean debug = request.fields().contains(KnownField.X_DEBUG) && settings.debugs(client.identity());
        boolean answered = settings.requestIds() == RequestIds.Rule.ANSWER;
        if (!debug && !answered) {
            return AddedHeaders.NONE;
        }
        return new AddedHeaders(
                answered ? ids.requestId() : null,
                debug ? new DebugHeaders(settings.version(), error, end(soFarStatus, reason)) : DebugHeaders.NONE);
    }

    private List<AttemptOutcome> attempts(EndReason reason, long now) {
        if (attempt == null) {
            return List.copyOf(failedAttempts);
        }
        AttemptOutcome last = attempt.outcome(reason, now);
        if (failedAttempts.isEmpty()) {
            return List.of(last);
        }
        List<AttemptOutcome> all = new ArrayList<>(failedAttempts);
        all.add(last);
        return all;
    }

    /** The host of a request that was over before a look-up: whoever reads the log wants to know whose it was. */
    private String unaskedHost() {
        return RequestedHost.of(host) instanceof RequestedHost.Name name ? name.host() : "";
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
