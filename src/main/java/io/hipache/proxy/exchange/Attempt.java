package io.hipache.proxy.exchange;

import io.hipache.http.ResponseHead;
import io.hipache.net.EventClock;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Route;
import io.hipache.upstream.Acquisition;
import io.hipache.upstream.UpgradedConnection;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamPool;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try on one backend: takes a connection, sends the request, and waits for the head of the response. It ends in one
 * {@link AttemptEnd} unless it is abandoned. Confined to the event loop.
 */
final class Attempt implements Acquisition.Acquirer, UpstreamExchange.HeadListener {

    /** Is told what happens before the end. */
    interface Observer {
        /** There is a connection to the backend; the attempt owns it until its end. */
        void connected(UpstreamExchange upstream);

        /** An interim response such as {@code 100 Continue}. */
        void interim(ResponseHead head);

        /** What has arrived so far has been handed out. */
        void readComplete();

        /** The connection takes more bytes, or does not for now. */
        void writabilityChanged();
    }

    private final Route.Chosen route;
    private final OutgoingRequest request;
    private final RequestBody body;
    private final Observer observer;
    private final Consumer<AttemptEnd> whenEnded;
    private final long startNanos = EventClock.nanoTime();
    private long connectNanos;
    private long acquiredNanos;
    private long headNanos;
    private @Nullable Long waitDeadlineNanos;
    private @Nullable Acquisition acquisition;
    private @Nullable UpstreamExchange upstream;
    private boolean over;

    Attempt(
            Route.Chosen route,
            OutgoingRequest request,
            RequestBody body,
            Observer observer,
            Consumer<AttemptEnd> whenEnded) {
        this.route = route;
        this.request = request;
        this.body = body;
        this.observer = observer;
        this.whenEnded = whenEnded;
    }

    /** The request has waited for a socket before: all of its waits together end then, as {@link System#nanoTime}. */
    void waitUntil(@Nullable Long deadlineNanos) {
        waitDeadlineNanos = deadlineNanos;
    }

    Route.Chosen route() {
        return route;
    }

    /** Asks the pool for a connection; {@code fresh} when the connection must be one that has not served before. */
    void start(UpstreamPool pool, boolean fresh) {
        Acquisition asked =
                pool.acquire(route.backend(), route.alternatives(), fresh, asksForTunnel(), waitDeadlineNanos, this);
        if (upstream == null && !over) {
            acquisition = asked;
        }
    }

    boolean asksForTunnel() {
        return request.upgrade() != null;
    }

    @Override
    public void acquired(UpstreamExchange connected, long connecting) {
        acquiredNanos = EventClock.nanoTime();
        connectNanos = connecting;
        acquisition = null;
        upstream = connected;
        observer.connected(connected);
        try {
            connected.send(request, this);
            body.attach(connected);
            connected.flush();
        } catch (OutOfMemoryError e) {
            // else the request would wait here, and its backend would be taken for a silent one
            discard();
            end(new AttemptEnd.Failed(new UpstreamFailure.NoMemory(String.valueOf(e.getMessage()))));
        }
    }

    @Override
    public void notAcquired(UpstreamFailure failure) {
        end(new AttemptEnd.Failed(failure));
    }

    @Override
    public void freeElsewhere() {
        if (acquisition == null) {
            throw new IllegalStateException("a request moves that did not wait");
        }
        end(new AttemptEnd.FreeElsewhere(acquisition.deadlineNanos()));
    }

    @Override
    public void interim(ResponseHead head) {
        observer.interim(head);
    }

    @Override
    public void responseHead(ResponseHead head) {
        UpstreamExchange answering = upstream;
        if (answering != null) {
            headNanos = EventClock.nanoTime();
            end(new AttemptEnd.Answered(head, answering));
        }
    }

    @Override
    public void switched(ResponseHead head, UpgradedConnection connection) {
        if (request.isUpgradeGrantedBy(head)) {
            headNanos = EventClock.nanoTime();
            end(new AttemptEnd.Switched(head, connection));
        } else {
            connection.discard();
            end(new AttemptEnd.Failed(new UpstreamFailure.NotHttp("101 that nobody asked for")));
        }
    }

    @Override
    public void readComplete() {
        observer.readComplete();
    }

    @Override
    public void writabilityChanged() {
        observer.writabilityChanged();
    }

    @Override
    public void failed(UpstreamFailure failure) {
        end(new AttemptEnd.Failed(failure));
    }

    /** The backend has been silent for too long. */
    void timeOut() {
        boolean answersOthers = upstream != null && upstream.backendAnswersOthers();
        discard();
        end(new AttemptEnd.Failed(new UpstreamFailure.TimedOut(answersOthers)));
    }

    /** Nobody wants the answer any more. Does nothing once the attempt has ended. */
    void abandon() {
        if (!over) {
            over = true;
            discard();
        }
    }

    private void discard() {
        if (acquisition != null) {
            acquisition.cancel();
        }
        if (upstream != null) {
            upstream.discard();
        }
    }

    private void end(AttemptEnd end) {
        if (!over) {
            over = true;
            whenEnded.accept(end);
        }
    }

    /** What is told of this attempt if its exchange ends at {@code nowNanos}. */
    AttemptOutcome outcome(EndReason reason, long nowNanos) {
        boolean acquired = acquiredNanos != 0;
        return new AttemptOutcome(
                route.url(),
                route.index(),
                reason,
                acquired ? acquiredNanos - connectNanos - startNanos : 0,
                connectNanos,
                headNanos == 0 ? 0 : headNanos - acquiredNanos,
                nowNanos - startNanos);
    }

    long startNanos() {
        return startNanos;
    }

    /** When it last had something new. */
    long latestNanos() {
        if (headNanos != 0) {
            return headNanos;
        }
        return acquiredNanos == 0 ? startNanos : acquiredNanos;
    }
}
