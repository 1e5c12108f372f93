package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.proxy.exchange.RetryPolicy.Blame;
import io.hipache.proxy.exchange.RetryPolicy.Verdict;
import io.hipache.routing.Backend;
import io.hipache.routing.Route;
import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamFailure.NoFreeSocket;
import io.hipache.upstream.UpstreamFailure.NoResponse;
import io.hipache.upstream.UpstreamFailure.StaleConnection;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one request that have failed, and the one that was answered: what they say about their backends, and where the
 * next attempt may go. For most requests none has failed. Confined to the event loop.
 */
final class FailedAttempts {
    /** A backend that has dropped the request. Another one that answers the request is the witness against it. */
    private record Suspect(Route.Chosen route, String cause) {}

    private final ProxyServices services;
    private final FailureReport report;
    private final RequestHead request;
    private final RequestBody body;
    private Set<Backend> backends = Set.of();
    private int retried;
    private boolean dropped;
    private boolean needsFreshConnection;
    private @Nullable Suspect suspect;

    FailedAttempts(ProxyServices services, RequestHead request, RequestBody body) {
        this.services = services;
        this.report = services.failures();
        this.request = request;
        this.body = body;
    }

    /** Says what follows from one more failed attempt, and reports the attempt. */
    Verdict judge(Route.Chosen route, UpstreamFailure failure) {
        Verdict verdict = services.retryPolicy()
                .decide(
                        failure,
                        new RetryPolicy.Facts(
                                request.isIdempotent(), body.isReplayable(), body.isDue(), retried, dropped));
        report(route, failure, verdict.blame());
        dropped |= failure instanceof NoResponse || (failure instanceof StaleConnection stale && stale.sent());
        switch (verdict.retry()) {
            case NO -> suspect = null;
            case AGAIN -> retryElsewhere(route);
            case ON_FRESH_CONNECTION -> needsFreshConnection = true;
            case AS_WITNESS -> {
                retryElsewhere(route);
                needsFreshConnection = true;
            }
        }
        return verdict;
    }

    private void report(Route.Chosen route, UpstreamFailure failure, Blame blame) {
        String cause = failure.cause();
        if (failure instanceof NoFreeSocket) {
            report.full(route, cause);
            return;
        }
        switch (blame) {
            case HARD -> report.hard(route, cause, request);
            case SOFT -> report.soft(route, cause, request);
            case IF_WITNESSED -> {
                report.failed(route, cause, request);
                suspect = new Suspect(route, cause);
            }
            case NONE -> report.failed(route, cause, request);
            case CLIENT_OWES, ANSWERS_OTHERS, DROPPED_TWICE -> report.spared(route, cause, request, blame);
        }
    }

    private void retryElsewhere(Route.Chosen route) {
        retried++;
        if (backends.isEmpty()) {
            backends = new HashSet<>();
        }
        backends.add(route.backend());
    }

    /** Has a backend marked dead where its answer means that, or where this answer is the witness against another one. */
    void answered(Route.Chosen route, ResponseHead head) {
        answeredBy(route.backend());
        if (head.status() < 500) {
            report.answered(route);
        }
        if (services.healthRule().marksDead(head, services.driver().activeCheckerAlive())) {
            String cause = "HTTP error code " + head.status();
            if (body.isDue()) {
                report.spared(route, cause, request, Blame.CLIENT_OWES);
            } else {
                report.soft(route, cause, request);
            }
        }
    }

    /** A backend has answered the request. So another one that dropped the request is to blame for that. */
    private void answeredBy(Backend witness) {
        if (suspect != null && !suspect.route().backend().equals(witness)) {
            report.soft(suspect.route(), suspect.cause(), request);
        }
        suspect = null;
    }

    /** The backends that have failed: the next attempt goes to another one, where one lives. */
    Collection<Backend> backends() {
        return backends;
    }

    /** Whether the connection of the next attempt must be one that has not served before. */
    boolean needsFreshConnection() {
        return needsFreshConnection;
    }
}
