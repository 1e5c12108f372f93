package io.hipache.proxy.exchange;

import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamFailure.BrokenResponse;
import io.hipache.upstream.UpstreamFailure.NoFreeSocket;
import io.hipache.upstream.UpstreamFailure.NoMemory;
import io.hipache.upstream.UpstreamFailure.NoResponse;
import io.hipache.upstream.UpstreamFailure.NoSocketLeft;
import io.hipache.upstream.UpstreamFailure.NotConnected;
import io.hipache.upstream.UpstreamFailure.NotHttp;
import io.hipache.upstream.UpstreamFailure.NotLookedUp;
import io.hipache.upstream.UpstreamFailure.StaleConnection;
import io.hipache.upstream.UpstreamFailure.TimedOut;
import io.hipache.upstream.UpstreamFailure.WorkerFailed;
import org.jspecify.annotations.Nullable;

/**
 * Decides what follows from a failed attempt, and nothing else. Stateless.
 *
 * <p>A failure is hard when no request can cause it, and soft when one request can. One client must not take a site down
 * with a request that every backend drops, so the store limits the marks of soft failures, and a drop needs a witness.
 */
final class RetryPolicy {
    static final String TIMED_OUT = "Backend timed out";

    /**
     * What follows from a failed attempt.
     *
     * @param status of the page when there is no other attempt
     * @param message of that page
     */
    record Verdict(Blame blame, Retry retry, int status, String message) {}

    /** What a failure says about its backend. */
    enum Blame {
        /** The failure is hard: the backend is marked dead. */
        HARD,
        /** The failure is soft: the backend is marked dead, unless too many others are. */
        SOFT,
        /** The failure is soft, and counts only once another backend has answered the same request. */
        IF_WITNESSED,
        /** The failure says nothing about the backend. */
        NONE,
        CLIENT_OWES("the client owed a part of its request"),
        ANSWERS_OTHERS("the backend has answered other requests meanwhile"),
        DROPPED_TWICE("another attempt of this request was dropped as well");

        private final @Nullable String excuse;

        Blame() {
            this.excuse = null;
        }

        Blame(String excuse) {
            this.excuse = excuse;
        }

        /** Why the backend is not marked, for the log line; null where that needs no explanation. */
        @Nullable
        String excuse() {
            return excuse;
        }
    }

    /** Whether there is another attempt. Each starts at the look-up again. */
    enum Retry {
        NO,
        /** On a backend that has not failed for this request, where one lives. */
        AGAIN,
        /** On any backend. The connection must not have served before. */
        ON_FRESH_CONNECTION,
        /** As {@link #AGAIN}, on a connection that has not served before, so that its end says something. */
        AS_WITNESS
    }

    private final int retries;

    /** @param retries the number of attempts after the first one */
    RetryPolicy(int retries) {
        this.retries = retries;
    }

    /**
     * What is known of a request when an attempt has failed.
     *
     * @param idempotent whether a backend may get it twice (RFC 9110 §9.2.2)
     * @param bodyKept whether what has come of its body is still here from the start
     * @param clientOwes whether the client could have sent more of the body, and did not
     * @param retried the number of attempts after the first one, so far
     * @param dropped whether the request was dropped before, by this backend or by another one
     */
    record Facts(boolean idempotent, boolean bodyKept, boolean clientOwes, int retried, boolean dropped) {
        boolean repeatable() {
            return idempotent && bodyKept;
        }
    }

    Verdict decide(UpstreamFailure failure, Facts facts) {
        boolean retryLeft = facts.retried() < retries;
        if (failure instanceof NotConnected unconnected) {
            // nothing was sent, so even a POST may go elsewhere
            return verdict(blameForNoConnection(unconnected), retryLeft ? Retry.AGAIN : Retry.NO);
        }
        if (failure instanceof NotLookedUp) {
            // this machine's own trouble; but the next backend may have an address or a name that is known
            return verdict(Blame.NONE, retryLeft ? Retry.AGAIN : Retry.NO);
        }
        if (failure instanceof StaleConnection stale) {
            boolean mayRepeat = facts.repeatable() || (!stale.sent() && facts.bodyKept());
            return verdict(Blame.NONE, mayRepeat && !facts.dropped() ? Retry.ON_FRESH_CONNECTION : Retry.NO);
        }
        if (failure instanceof NoResponse) {
            return afterDrop(facts, facts.repeatable() && retryLeft);
        }
        if (failure instanceof TimedOut silence) {
            // the client has waited as long as it may: no time is left for another attempt
            return new Verdict(blameForSilence(silence, facts), Retry.NO, 504, TIMED_OUT);
        }
        if (failure instanceof NoMemory) {
            return new Verdict(Blame.NONE, Retry.NO, 503, "the proxy is out of memory");
        }
        if (failure instanceof NoSocketLeft || failure instanceof WorkerFailed) {
            // this machine's own trouble: a mark would take the backend from all other machines, too
            return verdict(Blame.NONE, Retry.NO);
        }
        if (failure instanceof NoFreeSocket) {
            // a limit of ours, not a fault of the backend; the draw prefers backends that have room
            return new Verdict(Blame.NONE, Retry.NO, 503, failure.cause());
        }
        if (failure instanceof NotHttp || failure instanceof BrokenResponse) {
            return new Verdict(Blame.NONE, Retry.NO, 502, "backend sent an invalid response");
        }
        throw new IllegalStateException("unknown failure " + failure);
    }

    /** A request that was dropped is sent once more and never twice: it may be the request that kills its backends. */
    private Verdict afterDrop(Facts facts, boolean mayRepeat) {
        if (facts.dropped()) {
            return verdict(Blame.DROPPED_TWICE, Retry.NO);
        }
        Blame blame = facts.clientOwes() ? Blame.CLIENT_OWES : mayRepeat ? Blame.IF_WITNESSED : Blame.SOFT;
        return verdict(blame, mayRepeat ? Retry.AS_WITNESS : Retry.NO);
    }

    /** One client can fill the queue of a backend with requests that take long, and of each backend of a site. */
    private static Blame blameForNoConnection(NotConnected failure) {
        if (!failure.mayBeBusy()) {
            return Blame.HARD;
        }
        return failure.answersOthers() ? Blame.ANSWERS_OTHERS : Blame.SOFT;
    }

    private static Blame blameForSilence(TimedOut silence, Facts facts) {
        if (facts.clientOwes()) {
            return Blame.CLIENT_OWES;
        }
        return silence.answersOthers() ? Blame.ANSWERS_OTHERS : Blame.SOFT;
    }

    private Verdict verdict(Blame blame, Retry retry) {
        String message = retries == 0 ? "Retry on error is disabled" : "Reached max retries limit";
        return new Verdict(blame, retry, 502, message);
    }
}
