package io.hipache.proxy.exchange;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Route;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;
import io.netty.buffer.ByteBuf;

/**
 * Passes the response of a backend on to the client, from its final head to its end; then both connections can serve others. From
 * the head on there is no other attempt: a response that breaks off is cut off. Confined to the event loop.
 */
final class Relay implements UpstreamExchange.BodyListener {
    private final Exchange exchange;
    private final Client client;
    private final RequestHead request;
    private final RequestBody body;
    private final Route.Chosen route;
    private final UpstreamExchange upstream;
    private final int status;
    private final boolean backendKeepsAlive;
    private boolean clientKeepsAlive;

    Relay(
            Exchange exchange,
            Client client,
            RequestHead request,
            RequestBody body,
            Route.Chosen route,
            ResponseHead head,
            UpstreamExchange upstream) {
        this.exchange = exchange;
        this.client = client;
        this.request = request;
        this.body = body;
        this.route = route;
        this.upstream = upstream;
        this.status = head.status();
        this.backendKeepsAlive = head.keepsAlive();
    }

    /**
     * Writes the head.
     *
     * @param mayKeepAlive whether request and worker allow that the client's connection serves another request
     */
    void begin(ResponseHead head, boolean mayKeepAlive, AddedHeaders added) {
        // a client that was promised a 100 and sees this instead may or may not send its body
        boolean keepAlive = mayKeepAlive && (body.isComplete() || !request.expectsContinue());
        clientKeepsAlive = client.responseHead(request, head, keepAlive, added);
    }

    /** The status of the response. */
    int status() {
        return status;
    }

    @Override
    public void responseBody(ByteBuf bytes) {
        client.touch();
        client.responseBody(bytes);
        exchange.holdBackendWhileClientIsFull();
    }

    @Override
    public void readComplete() {
        client.flush();
    }

    @Override
    public void writabilityChanged() {
        exchange.writabilityChanged();
    }

    @Override
    public void responseEnd(BodyEnd bodyEnd) {
        if (exchange.isOver()) {
            throw new IllegalStateException("a response ended behind its exchange");
        }
        boolean whole = body.isComplete();
        client.responseEnd(bodyEnd);
        exchange.forgetUpstream();
        client.flush();
        exchange.end(status, EndReason.ANSWERED);
        // last, because the connection may serve a waiting request within this call
        if (whole && backendKeepsAlive) {
            client.login().finish(route, upstream, request, clientKeepsAlive);
        } else {
            upstream.discard();
        }
        client.exchangeEnded(clientKeepsAlive && whole);
    }

    @Override
    public void failed(UpstreamFailure failure) {
        exchange.cutOff(failure.cause(), failure.reason());
    }
}
