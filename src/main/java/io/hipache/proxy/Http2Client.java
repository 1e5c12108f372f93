package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http2.ClientStream;
import io.hipache.http2.ResponseBlock;
import io.hipache.http2.StreamListener;
import io.hipache.net.ReadGate;
import io.hipache.upstream.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import java.util.function.LongSupplier;

/**
 * A client as one stream of HTTP/2 sees it, with the one {@link Exchange} of that stream. Made by {@link Http2Clients};
 * confined to the event loop.
 */
final class Http2Client implements Client, Exchange.Owner, StreamListener, Inactivity.Output {
    /** Every frame begins with its length, type, flags and stream (RFC 9113 §4.1). */
    private static final int FRAME_HEAD = 9;

    private final ClientStream stream;
    private final ClientIdentity identity;
    private final Exchange exchange;
    private final Inactivity inactivity;
    private long bytesWritten;
    private boolean over;

    Http2Client(Proxy proxy, ClientStream stream, ClientIdentity identity, RequestHead head) {
        this.stream = stream;
        this.identity = identity;
        LongSupplier clock = proxy.nanoClock();
        this.inactivity =
                new Inactivity(clock, proxy.services().settings().tcpTimeout().toNanos(), this);
        this.exchange = new Exchange(proxy, this, this, head);
    }

    /** How long it may take until something happens on the stream, in nanoseconds. */
    long sample() {
        return inactivity.sample();
    }

    /** Nothing has happened for {@code tcpTimeout}. */
    void timedOut() {
        inactivity.touch();
        if (over) {
            // the end of a response that nobody fetches
            stream.cut();
        } else {
            exchange.timedOut();
        }
    }

    // the request

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
            exchange.requestReadComplete();
        }
    }

    @Override
    public void writabilityChanged() {
        inactivity.touch();
        if (!over) {
            exchange.clientWritabilityChanged();
        }
    }

    @Override
    public void closed() {
        if (!over) {
            over = true;
            exchange.clientLeft();
        }
    }

    // what the exchange tells

    @Override
    public void exchangeEnded(boolean keepAlive) {
        over = true;
        if (exchange.body().isComplete()) {
            stream.completed();
        } else {
            stream.refuseRest();
        }
    }

    @Override
    public void touch() {
        inactivity.touch();
    }

    /** No stream is the reason to end its connection. */
    @Override
    public boolean isDraining() {
        return false;
    }

    @Override
    public void becomeTunnel(UpstreamConnection backend, AccessLogEntry line) {
        throw new IllegalStateException("a stream has no other protocol to switch to");
    }

    @Override
    public long writeProgress() {
        return stream.writeProgress() + (over ? 0 : exchange.writeProgress());
    }

    @Override
    public long nanosSinceSent() {
        long toBackend = over ? Long.MAX_VALUE : exchange.nanosSinceSent();
        return Math.min(stream.nanosSinceSent(), toBackend);
    }

    // the response

    @Override
    public ClientIdentity identity() {
        return identity;
    }

    @Override
    public ReadGate gate() {
        return stream.gate();
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public void flush() {
        stream.flush();
    }

    /** Frames with their heads; header blocks count as if nothing compressed them. */
    @Override
    public long bytesWritten() {
        return bytesWritten;
    }

    void writeHead(ResponseBlock block, boolean end) {
        bytesWritten += block.length() + FRAME_HEAD;
        stream.writeHead(block, end);
    }

    void write(ByteBuf bytes, boolean end) {
        bytesWritten += bytes.readableBytes() + FRAME_HEAD;
        stream.write(bytes, end);
    }

    @Override
    public void interim(RequestHead request, ResponseHead response) {
        Http2Relay.interim(this, response);
    }

    @Override
    public ResponseRelay begin(RequestHead request, ResponseHead response, boolean mayKeepAlive, DebugHeaders debug) {
        return Http2Relay.begin(this, response, debug);
    }

    @Override
    public void switching(RequestHead request, ResponseHead response, DebugHeaders debug) {
        throw new IllegalStateException("a stream has no other protocol to switch to");
    }

    @Override
    public void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, DebugHeaders debug) {
        Http2Answers.page(this, toHead, status, page, debug);
    }

    @Override
    public void cut() {
        over = true;
        stream.cut();
    }
}
