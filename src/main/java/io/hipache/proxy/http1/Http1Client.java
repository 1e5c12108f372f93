package io.hipache.proxy.http1;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.DirectMemory;
import io.hipache.net.InactivityTimer;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.Client;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ClientLogin;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.upstream.UpgradedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of the exchanges of one {@link Http1ClientConnection}: writes their answers, and tells the connection what
 * becomes of it. Confined to the event loop.
 */
final class Http1Client implements Client.Upgradable {
    private final Http1ClientConnection connection;
    private final Channel channel;
    private final ReadGate gate;
    private final ClientOutput output;
    private final Http1ResponseWriter writer;
    private final InactivityTimer timer;
    private final HalfClose halfClose;
    private final ClientLogin login = ClientLogin.ofConnection();

    Http1Client(
            Http1ClientConnection connection,
            Channel channel,
            ReadGate gate,
            ClientOutput output,
            InactivityTimer timer,
            HalfClose halfClose) {
        this.connection = connection;
        this.channel = channel;
        this.gate = gate;
        this.output = output;
        this.writer = new Http1ResponseWriter(output);
        this.timer = timer;
        this.halfClose = halfClose;
    }

    // the exchange's answer

    @Override
    public void interim(RequestHead request, ResponseHead response) {
        writer.interim(request, response);
    }

    @Override
    public boolean responseHead(RequestHead request, ResponseHead response, boolean mayKeepAlive, AddedHeaders added) {
        DirectMemory.limitOutput(channel);
        return writer.begin(request, response, mayKeepAlive, added);
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
        writer.page(toHead, status, page, keepAlive, added);
    }

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public boolean isWritable() {
        return output.isWritable();
    }

    @Override
    public long bytesWritten() {
        return output.bytesWritten();
    }

    @Override
    public long bodyBytesWritten() {
        return writer.bodyBytesWritten();
    }

    @Override
    public void cut() {
        output.cut();
    }

    @Override
    public void breakOff() {
        if (writer.endsWithConnection()) {
            output.cut();
            return;
        }
        connection.breakOff();
    }

    @Override
    public boolean hasUnfetched() {
        return output.writeProgress() != 0;
    }

    @Override
    public void switchProtocols(
            RequestHead request,
            ResponseHead response,
            AddedHeaders added,
            UpgradedConnection backend,
            ExchangeEnd soFar) {
        long before = output.bytesWritten();
        writer.switching(request, response, added);
        output.passHead();
        connection.switched(backend, soFar.later(0, output.bytesWritten() - before, 0, 0));
    }

    // the exchange's life

    @Override
    public ClientIdentity identity() {
        return connection.identity();
    }

    @Override
    public ReadGate gate() {
        return gate;
    }

    @Override
    public ClientLogin login() {
        return login;
    }

    @Override
    public void touch() {
        timer.touch();
        halfClose.touch();
    }

    @Override
    public void watch(@Nullable Output toBackend) {
        timer.alsoWatch(toBackend);
    }

    @Override
    public boolean isDraining() {
        return connection.isDraining();
    }

    @Override
    public void exchangeEnded(boolean keepAlive) {
        connection.exchangeEnded(keepAlive);
    }
}
