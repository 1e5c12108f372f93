package io.hipache.proxy;

import io.hipache.net.HeldGoodbye;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.http1.Http1ClientConnection;
import io.hipache.proxy.http1.PlainRefusal;
import io.hipache.proxy.http2.Http2ClientConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The proxy of a worker: the way in for a client's connection. It has the one reference to the services of the configuration
 * in force. A connection asks for them at each request. Confined to the event loop.
 */
public final class Proxy {
    private ProxyServices services;
    private long requestsBefore;
    private @Nullable InetSocketAddress lastLocal;
    private String lastListener = "";

    public Proxy(ProxyServices services) {
        this.services = services;
    }

    /** Has each exchange that begins from now on use these services. */
    public void follow(ProxyServices next) {
        requestsBefore += services.requests();
        services = next;
    }

    private ProxyServices current() {
        return services;
    }

    /**
     * The handler that equips each accepted connection of a listener, for any number of them.
     *
     * @param tls makes the TLS handler of a connection, null for plain HTTP
     */
    public ChannelHandler pipeline(@Nullable Function<ByteBufAllocator, ChannelHandler> tls) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (tls == null) {
                    serveHttp1(channel, false);
                } else {
                    channel.pipeline()
                            .addLast(
                                    new PlainHttpGuard(Proxy.this),
                                    new HeldGoodbye(),
                                    tls.apply(channel.alloc()),
                                    new ProtocolChoice(Proxy.this));
                }
            }
        };
    }

    /** Has a client of HTTP/1.1 served, behind TLS where there is any. */
    void serveHttp1(Channel channel, boolean tls) {
        Http1ClientConnection.serve(this::current, channel, identify(channel, tls));
    }

    /** Has a client served with which TLS has agreed on HTTP/2. */
    void serveHttp2(Channel channel) {
        Http2ClientConnection.serve(this::current, channel, identify(channel, true));
    }

    /**
     * Answers a client that speaks plain HTTP where TLS is spoken, and closes. Its channel has no handlers any more.
     *
     * @param request what has arrived of its request
     */
    void refusePlain(Channel channel, ByteBuf request) {
        PlainRefusal.answer(services, channel, identify(channel, false), request);
    }

    /** The only place that asks who a client is. */
    private ClientIdentity identify(Channel channel, boolean tls) {
        ProxySettings settings = services.settings();
        return ClientIdentity.ofTcp(channel, listener(channel), tls, settings.plainIpv4(), settings.trustedProxies());
    }

    /** Where the client connected to. Most connections come to the same address as the one before. */
    private String listener(Channel channel) {
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        if (!local.equals(lastLocal)) {
            lastLocal = local;
            lastListener = NetUtil.toSocketAddressString(local);
        }
        return lastListener;
    }

    /** How many exchanges have begun until now, under whatever services. */
    public long requests() {
        return requestsBefore + services.requests();
    }
}
