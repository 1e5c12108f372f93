package io.hipache.proxy.http2;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http2.ClientStream;
import io.hipache.http2.StreamListener;
import io.hipache.net.EventClock;
import io.hipache.net.Inactivity;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.Client;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ClientLogin;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.Exchange;
import io.hipache.proxy.exchange.ProxyServices;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client that speaks HTTP/2, with the one {@link Exchange} of that stream. Made by
 * {@link Http2ClientConnection}; confined to the event loop.
 */
final class Http2ClientStream implements Client, StreamListener {
    private static final ClientLogin NO_LOGIN = ClientLogin.none();

    private final Http2ClientConnection connection;
    private final ClientStream stream;
    private final ClientIdentity identity;
    private final Http2ResponseWriter writer;
    private final Inactivity inactivity;
    private final boolean timed;
    private final Exchange exchange;
    private boolean over;

    Http2ClientStream(
            ProxyServices services,
            Http2ClientConnection connection,
            ClientStream stream,
            ClientIdentity identity,
            RequestHead head) {
        this.connection = connection;
        this.stream = stream;
        this.identity = identity;
        this.writer = new Http2ResponseWriter(stream);
        long timeoutNanos = services.settings().tcpTimeout().toNanos();
        this.inactivity = new Inactivity(services.nanoClock(), timeoutNanos, stream);
        this.timed = timeoutNanos > 0;
        // last, because the exchange asks this object for its identity and its gate
        this.exchange = new Exchange(services, this, head);
    }

    /** How long it may take until something happens on the stream, in nanoseconds; {@code Long.MAX_VALUE} for any time. */
    long sample() {
        if (!over) {
            exchange.lookAtBody();
        }
        return timed ? inactivity.sample() : Long.MAX_VALUE;
    }

    /** Nothing has happened for {@code tcpTimeout}. */
    void timedOut() {
        inactivity.touch();
        if (over) {
            // nobody fetches the end of a response
            stream.cut();
        } else {
            exchange.timedOut();
        }
    }

    // what arrives

    @Override
    public void begin() {
        exchange.begin();
    }

    @Override
    public void body(ByteBuf bytes) {
        inactivity.touch();
        if (over) {
            bytes.release();
        } else {
            exchange.body().add(bytes);
        }
    }

    @Override
    public void bodyEnd(BodyEnd end) {
        inactivity.touch();
        if (!over) {
            exchange.body().finish(end);
        }
    }

    @Override
    public void readComplete() {
        if (!over) {
            exchange.body().readComplete();
        }
    }

    @Override
    public void writabilityChanged() {
        inactivity.touch();
        if (!over) {
            exchange.holdBackendWhileClientIsFull();
        }
    }

    @Override
    public void malformed() {
        end(EndReason.MALFORMED_REQUEST);
    }

    @Override
    public void closed() {
        end(EndReason.CLIENT_GONE);
    }

    private void end(EndReason reason) {
        if (!over) {
            over = true;
            exchange.clientLeft(reason, EventClock.nanoTime());
        }
    }

    // the exchange's answer

    @Override
    public void interim(RequestHead request, ResponseHead response) {
        writer.interim(response);
    }

    @Override
    public boolean responseHead(RequestHead request, ResponseHead response, boolean mayKeepAlive, AddedHeaders added) {
        writer.begin(response, added);
        return true;
    }

    @Override
    public void responseBody(ByteBuf bytes) {
        writer.body(bytes);
    }

    @Override
    public void responseEnd(BodyEnd end) {
        writer.end(end);
    }

    @Override
    public void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, AddedHeaders added) {
        writer.page(toHead, status, page, added);
    }

    @Override
    public void flush() {
        stream.flush();
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public long bytesWritten() {
        return writer.bytesWritten();
    }

    @Override
    public long bodyBytesWritten() {
        return writer.bodyBytesWritten();
    }

    @Override
    public void cut() {
        over = true;
        stream.cut();
    }

    @Override
    public void breakOff() {
        over = true;
        stream.breakOff();
    }

    @Override
    public boolean hasUnfetched() {
        return stream.writeProgress() != 0;
    }

    // the exchange's life

    @Override
    public ClientIdentity identity() {
        return identity;
    }

    @Override
    public ReadGate gate() {
        return stream.gate();
    }

    @Override
    public ClientLogin login() {
        return NO_LOGIN;
    }

    @Override
    public void touch() {
        inactivity.touch();
        connection.touch();
    }

    @Override
    public void watch(@Nullable Output toBackend) {
        inactivity.alsoWatch(toBackend);
    }

    /** No stream is the reason to end its connection. */
    @Override
    public boolean isDraining() {
        return false;
    }

    @Override
    public void exchangeEnded(boolean keepAlive) {
        over = true;
        if (exchange.body().isComplete()) {
            stream.completed();
        } else {
            stream.refuseRest();
        }
    }
}
