package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection to a backend is lost: the first thing that went wrong on it, and what its loss says about the exchange that
 * it carries. Confined to the event loop.
 */
final class LossCause {
    /** Null while nothing has gone wrong. */
    private @Nullable String fault;

    private boolean workerFailed;

    /** The connection has ended without TLS's goodbye: anybody on the way can have made that end (RFC 9112 §9.8). */
    void withoutGoodbye() {
        if (fault == null) {
            fault = "TLS: connection closed without close_notify";
        }
    }

    void failed(Throwable cause) {
        if (fault == null) {
            fault = ConnectFault.describe(cause);
        }
    }

    /** The worker has done something wrong: its backend is not to blame. */
    void workerFailed() {
        workerFailed = true;
    }

    /** Whether the connection has just ended, and nothing has gone wrong before. */
    boolean isOrderly() {
        return fault == null;
    }

    /** For the log. */
    String words() {
        return fault == null ? "connection closed" : fault;
    }

    /**
     * What the loss is for the exchange.
     *
     * @param cause in words, for the log
     * @param decoder says how much of the response was there
     * @param reused whether the connection had served before, or had been idle
     * @param sent whether something of the request was sent
     */
    UpstreamFailure failure(String cause, ResponseDecoder decoder, boolean reused, boolean sent) {
        if (workerFailed) {
            return new UpstreamFailure.WorkerFailed(cause);
        }
        if (decoder.headSeen()) {
            return new UpstreamFailure.BrokenResponse(cause);
        }
        if (decoder.begun()) {
            return new UpstreamFailure.NotHttp(cause);
        }
        return reused ? new UpstreamFailure.StaleConnection(cause, sent) : new UpstreamFailure.NoResponse(cause);
    }
}
