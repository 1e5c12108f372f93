package io.hipache.proxy;

import io.hipache.http.BodyEnd;
import io.hipache.http.Framing;
import io.hipache.http.HeadWriter;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import io.hipache.net.ReadGate.Reason;
import io.hipache.routing.Route;
import io.hipache.upstream.Take;
import io.hipache.upstream.Taker;
import io.hipache.upstream.UpstreamConnection;
import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamListener;
import io.hipache.upstream.UpstreamPool;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One try on one backend: takes a connection, sends the request, relays the response. Tells its exchange how it ended
 * and is of no use afterwards. Confined to the event loop.
 */
final class Attempt implements Taker, UpstreamListener, RequestBody.Sink {
    private final Exchange exchange;
    private final Route.Chosen route;
    private final long startNanos = System.nanoTime();
    private @Nullable Take take;
    private @Nullable UpstreamConnection connection;
    private @Nullable ResponseRelay relay;
    private boolean interimPassed;
    private boolean requestSent;
    private boolean over;

    Attempt(Exchange exchange, Route.Chosen route) {
        this.exchange = exchange;
        this.route = route;
    }

    /** Asks the pool for a connection; {@code fresh} when it must be one that has not served before. */
    void start(UpstreamPool pool, boolean fresh) {
        Take asked = pool.take(route.backend(), fresh, this);
        if (connection == null && !over) {
            take = asked;
        }
    }

    Route.Chosen route() {
        return route;
    }

    long startNanos() {
        return startNanos;
    }

    /** Whether the client has seen a final head. */
    boolean responseBegun() {
        return relay != null;
    }

    /** Whether the client has seen an interim head, such as the 100 it waits for. */
    boolean interimPassed() {
        return interimPassed;
    }

    boolean isConnected() {
        return connection != null;
    }

    /** Whether the backend takes what is sent to it. */
    boolean backendReads() {
        return connection == null || connection.isWritable();
    }

    /** See {@link Exchange#writeProgress}. */
    long writeProgress() {
        return connection == null ? 0 : connection.writeProgress();
    }

    /** See {@link Exchange#nanosSinceSent}. */
    long nanosSinceSent() {
        return connection == null ? Long.MAX_VALUE : connection.nanosSinceSent();
    }

    /** Ends it at once, whatever it is at. */
    void abandon() {
        finish();
        if (take != null) {
            take.cancel();
        }
        if (connection != null) {
            connection.discard();
            connection = null;
        }
    }

    private void finish() {
        over = true;
        // nobody else would: the connection that held it back is about to go
        exchange.client().gate().resume(Reason.SINK_FULL);
    }

    // the pool's answer

    @Override
    public void taken(UpstreamConnection taken) {
        // the backend's silence counts from here, not from when the request began to wait
        exchange.touch();
        connection = taken;
        take = null;
        RequestHead head = exchange.request();
        taken.begin(this, head.isHead());
        ByteBuf out = taken.buffer(1024);
        exchange.writeRequestHead(out);
        taken.write(out);
        exchange.body().attach(this);
        taken.flush();
    }

    @Override
    public void notTaken(UpstreamFailure failure) {
        failed(failure);
    }

    // the request on its way to the backend

    @Override
    public void body(ByteBuf bytes) {
        UpstreamConnection to = connection;
        if (to == null || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        if (exchange.request().framing().kind() == Framing.Kind.CHUNKED) {
            Chunks.write(bytes, to.buffer(Chunks.LINE), to::write);
        } else {
            to.write(bytes);
        }
        if (!to.isWritable()) {
            // what waits must move, or the connection would never become writable again
            to.flush();
        }
        pauseClientUnlessWritable(to);
    }

    @Override
    public void bodyEnd(BodyEnd end) {
        requestSent = true;
        if (connection != null && exchange.request().framing().kind() == Framing.Kind.CHUNKED) {
            ByteBuf out = connection.buffer(64);
            HeadWriter.lastChunk(out, end.trailers());
            connection.write(out);
        }
    }

    /** The client's bytes so far have been passed on. */
    void flushRequest() {
        if (connection != null) {
            connection.flush();
        }
    }

    @Override
    public void writabilityChanged() {
        exchange.touch();
        if (connection != null) {
            pauseClientUnlessWritable(connection);
        }
    }

    private void pauseClientUnlessWritable(UpstreamConnection to) {
        if (to.isWritable()) {
            exchange.client().gate().resume(Reason.SINK_FULL);
        } else {
            exchange.client().gate().pause(Reason.SINK_FULL);
        }
    }

    // the response on its way to the client

    @Override
    public void responseHead(ResponseHead head) {
        exchange.touch();
        if (head.status() == 101) {
            switchProtocols(head);
        } else if (!head.isInterim()) {
            relay = exchange.beginResponse(this, head);
        } else if (exchange.request().version() != Version.HTTP_1_0) {
            interimPassed = true;
            exchange.client().interim(exchange.request(), head);
            clientWritabilityChanged();
        }
    }

    private void switchProtocols(ResponseHead head) {
        UpstreamConnection switched = connection;
        if (switched == null || !exchange.isSwitchWanted(head)) {
            broken(new UpstreamFailure.NotHttp("101 that nobody asked for"));
            return;
        }
        finish();
        connection = null;
        exchange.switchProtocols(this, switched, head);
    }

    @Override
    public void responseBody(ByteBuf bytes) {
        exchange.touch();
        if (relay == null) {
            bytes.release();
            return;
        }
        relay.body(bytes);
        clientWritabilityChanged();
    }

    /** The client takes more bytes, or does not for now. */
    void clientWritabilityChanged() {
        if (connection == null) {
            return;
        }
        if (!exchange.client().isWritable()) {
            exchange.client().flush();
        }
        if (exchange.client().isWritable()) {
            connection.gate().resume(Reason.SINK_FULL);
        } else {
            connection.gate().pause(Reason.SINK_FULL);
        }
    }

    @Override
    public void readComplete() {
        exchange.client().flush();
    }

    @Override
    public void responseEnd(BodyEnd end) {
        finish();
        UpstreamConnection done = connection;
        connection = null;
        if (relay == null || done == null) {
            throw new IllegalStateException("a response ended that had not begun");
        }
        relay.end(end);
        if (requestSent && exchange.backendKeepsAlive()) {
            done.giveBack();
        } else {
            done.discard();
        }
        exchange.responseComplete(relay.keepsAlive());
    }

    @Override
    public void failed(UpstreamFailure failure) {
        if (!over) {
            finish();
            connection = null;
            exchange.attemptFailed(this, failure);
        }
    }

    /** The backend does not answer as it must; its connection is of no use any more. */
    private void broken(UpstreamFailure failure) {
        if (connection != null) {
            connection.discard();
        }
        failed(failure);
    }
}
