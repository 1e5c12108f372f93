package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.BackendResolver;
import io.hipache.net.Resolution;
import io.hipache.net.Transport;
import io.hipache.routing.Backend;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Opens connections to backends, on the worker's own loop. */
public final class Connector {

    /** Learns how an attempt to connect ended; exactly one call of one method. */
    interface Outcome {
        void connected(UpstreamConnection connection);

        void notConnected(UpstreamFailure failure);
    }

    private final EventLoop loop;
    private final Transport transport;
    private final BackendResolver resolver;
    private final Supplier<SslContext> tls;
    private final int timeoutMillis;

    /**
     * @param tls for {@code https://} backends
     * @param timeout for each connection to come about, zero for as long as the kernel tries
     */
    public Connector(
            EventLoop loop, Transport transport, BackendResolver resolver, Supplier<SslContext> tls, Duration timeout) {
        this.loop = loop;
        this.transport = transport;
        this.resolver = resolver;
        this.tls = tls;
        this.timeoutMillis = (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
    }

    /** Connects to {@code backend} for {@code pool}. */
    void connect(Backend backend, BackendPool pool, Outcome outcome) {
        resolver.resolve(backend.host(), resolution -> {
            if (resolution instanceof Resolution.Found found) {
                connect(backend, pool, outcome, found.addresses(), 0);
            } else if (resolution instanceof Resolution.NotFound notFound) {
                outcome.notConnected(new UpstreamFailure.NotConnected(notFound.reason()));
            }
        });
    }

    /** A name with several addresses has failed only when each of them has. */
    private void connect(Backend backend, BackendPool pool, Outcome outcome, List<InetAddress> addresses, int index) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(transport.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // a write that fails must not throw away an answer that came before the end of the request
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .handler(new ChannelInboundHandlerAdapter());
        ChannelFuture connecting = bootstrap.connect(new InetSocketAddress(addresses.get(index), backend.port()));
        connecting.addListener(future -> onLoop(() -> {
            Throwable cause = future.cause();
            if (cause == null) {
                connected(backend, pool, outcome, connecting.channel());
            } else if (ConnectFault.isLocal(cause)) {
                outcome.notConnected(new UpstreamFailure.NoSocketLeft(ConnectFault.describe(cause)));
            } else if (index + 1 < addresses.size()) {
                connect(backend, pool, outcome, addresses, index + 1);
            } else {
                outcome.notConnected(new UpstreamFailure.NotConnected(ConnectFault.describe(cause)));
            }
        }));
    }

    /** Netty tells from a thread of its own when it could not even create a channel. */
    private void onLoop(Runnable told) {
        if (loop.inEventLoop()) {
            told.run();
        } else {
            loop.execute(told);
        }
    }

    private void connected(Backend backend, BackendPool pool, Outcome outcome, Channel channel) {
        ResponseDecoder decoder = new ResponseDecoder();
        UpstreamConnection connection = new UpstreamConnection(channel, decoder, pool);
        UpstreamHandler handler = new UpstreamHandler(connection, decoder);
        if (!backend.tls()) {
            channel.pipeline().addLast(decoder, handler);
            connection.established();
            outcome.connected(connection);
            return;
        }
        SslHandler ssl = tls.get().newHandler(channel.alloc(), backend.host(), backend.port());
        ssl.setHandshakeTimeoutMillis(timeoutMillis);
        channel.pipeline().addLast(ssl, decoder, handler);
        ssl.handshakeFuture().addListener(handshake -> {
            if (handshake.isSuccess()) {
                connection.established();
                outcome.connected(connection);
            } else {
                channel.close();
                outcome.notConnected(
                        new UpstreamFailure.NotConnected("TLS: " + ConnectFault.describe(handshake.cause())));
            }
        });
    }
}
