package io.hipache.proxy;

import io.hipache.http.RequestDecoder;
import io.hipache.http2.FrameHandler;
import io.hipache.http2.FrameHandlers;
import io.netty.channel.Channel;
import java.util.function.LongSupplier;

/** The proxy of a worker: what all of its exchanges share, and the way in for a client's connection. */
public final class Proxy {
    private final ProxyServices services;
    private final RetryPolicy retryPolicy;
    private final HealthRule healthRule;
    private final RequestHeads requestHeads;
    private final FailureReport failures;
    private final LongSupplier nanoClock;
    private long requests;

    public Proxy(ProxyServices services) {
        this(services, System::nanoTime);
    }

    /** @param nanoClock the clock that the event loop goes by */
    Proxy(ProxyServices services, LongSupplier nanoClock) {
        ProxySettings settings = services.settings();
        this.services = services;
        this.nanoClock = nanoClock;
        this.retryPolicy = new RetryPolicy(settings.retryOnError());
        this.healthRule = new HealthRule(settings.deadBackendOn500());
        this.failures = new FailureReport(services.driver());
        this.requestHeads = new RequestHeads(settings.backendKeepAlive());
    }

    /** Adds the handlers that serve a client to its channel, behind TLS where there is any. */
    public void serve(Channel channel, boolean tls) {
        ProxySettings settings = services.settings();
        ClientConnection client = new ClientConnection(channel, tls, settings.plainIpv4(), settings.trustedProxies());
        RequestDecoder decoder = new RequestDecoder();
        channel.pipeline().addLast(decoder, new ClientHandler(this, decoder, client, channel.eventLoop()));
    }

    /** As {@link #serve}, for a client with which TLS has agreed on HTTP/2. */
    public void serveHttp2(Channel channel) {
        ProxySettings settings = services.settings();
        ClientIdentity client = ClientIdentity.of(channel, true, settings.plainIpv4(), settings.trustedProxies());
        Http2Clients clients = new Http2Clients(this, client, channel.eventLoop());
        FrameHandler handler = FrameHandlers.create(clients, nanoClock);
        channel.pipeline().addLast(handler);
        clients.watch(handler);
    }

    /** Answers a client that speaks plain HTTP where TLS is spoken, and closes. Its channel has no handlers any more. */
    public void refusePlain(Channel channel) {
        ProxySettings settings = services.settings();
        ClientConnection client = new ClientConnection(channel, false, settings.plainIpv4(), settings.trustedProxies());
        channel.pipeline().addLast(new PlainRefusal());
        client.page(false, 400, services.pages().page(400, PlainRefusal.REASON), false, DebugHeaders.NONE);
        client.closeAfterReading();
    }

    /** How many exchanges have begun until now. To be asked on the event loop. */
    public long requests() {
        return requests;
    }

    void countRequest() {
        requests++;
    }

    ProxyServices services() {
        return services;
    }

    LongSupplier nanoClock() {
        return nanoClock;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    HealthRule healthRule() {
        return healthRule;
    }

    FailureReport failures() {
        return failures;
    }

    RequestHeads requestHeads() {
        return requestHeads;
    }
}
