package io.hipache.proxy.exchange;

import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamFailure.BrokenResponse;
import io.hipache.upstream.UpstreamFailure.NoFreeSocket;
import io.hipache.upstream.UpstreamFailure.NoResponse;
import io.hipache.upstream.UpstreamFailure.NoSocketLeft;
import io.hipache.upstream.UpstreamFailure.NotConnected;
import io.hipache.upstream.UpstreamFailure.NotHttp;
import io.hipache.upstream.UpstreamFailure.NotLookedUp;
import io.hipache.upstream.UpstreamFailure.StaleConnection;
import io.hipache.upstream.UpstreamFailure.TimedOut;

/** Decides what follows from a failed attempt, and nothing else. Stateless. */
final class RetryPolicy {
    static final String TIMED_OUT = "Backend timed out";

    /**
     * What follows from a failed attempt.
     *
     * @param markDead whether the backend should be marked dead, where its frontend has others
     * @param status of the page when there is no other attempt
     * @param message of that page
     */
    record Verdict(boolean markDead, Retry retry, int status, String message) {}

    /** Whether there is another attempt. */
    enum Retry {
        NO,
        /** Starting at the look-up again. */
        AGAIN,
        /** Starting at the look-up again, on a connection that has not served before. */
        ON_FRESH_CONNECTION
    }

    private final int retries;

    /** @param retries attempts after the first one */
    RetryPolicy(int retries) {
        this.retries = retries;
    }

    /**
     * What is known of a request when an attempt has failed.
     *
     * @param idempotent whether a backend may get the request twice (RFC 9110 §9.2.2)
     * @param bodyKept whether every byte of the body that has arrived is still here
     * @param retried attempts after the first one, so far
     * @param retriedFresh whether a stale connection has already caused another attempt
     */
    record Facts(boolean idempotent, boolean bodyKept, int retried, boolean retriedFresh) {
        boolean repeatable() {
            return idempotent && bodyKept;
        }
    }

    Verdict decide(UpstreamFailure failure, Facts facts) {
        if (failure instanceof NotConnected) {
            // nothing was sent, so even a POST may go elsewhere
            return verdict(true, facts.retried() < retries ? Retry.AGAIN : Retry.NO);
        }
        if (failure instanceof NotLookedUp) {
            // a problem of this machine; the next backend may be an address, or a name that is known already
            return verdict(false, facts.retried() < retries ? Retry.AGAIN : Retry.NO);
        }
        if (failure instanceof StaleConnection stale) {
            boolean mayRepeat = facts.repeatable() || (!stale.sent() && facts.bodyKept());
            return verdict(false, mayRepeat && !facts.retriedFresh() ? Retry.ON_FRESH_CONNECTION : Retry.NO);
        }
        if (failure instanceof NoResponse) {
            return verdict(true, facts.repeatable() && facts.retried() < retries ? Retry.AGAIN : Retry.NO);
        }
        if (failure instanceof TimedOut) {
            // the client has waited for the whole time limit: none is left for another attempt
            return new Verdict(true, Retry.NO, 504, TIMED_OUT);
        }
        if (failure instanceof NoSocketLeft) {
            // a problem of this machine: a mark would take the backend from all other machines as well
            return verdict(false, Retry.NO);
        }
        if (failure instanceof NoFreeSocket) {
            // a limit of ours, not a fault of the backend; the draw prefers backends that have room
            return new Verdict(false, Retry.NO, 503, failure.cause());
        }
        if (failure instanceof NotHttp || failure instanceof BrokenResponse) {
            return new Verdict(false, Retry.NO, 502, "backend sent an invalid response");
        }
        throw new IllegalStateException("unknown failure " + failure);
    }

    private Verdict verdict(boolean markDead, Retry retry) {
        String message = retries == 0 ? "Retry on error is disabled" : "Reached max retries limit";
        return new Verdict(markDead, retry, 502, message);
    }
}
