package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.BackendResolver;
import io.hipache.net.DirectMemory;
import io.hipache.net.ModestReads;
import io.hipache.net.Resolution;
import io.hipache.net.Transport;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Backend;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Opens connections to backends, on the worker's own loop. */
public final class Connector {

    /** Is told how connecting ended, by exactly one call of one method. */
    interface Callback {
        void connected(Http1UpstreamConnection connection);

        void notConnected(UpstreamFailure failure);
    }

    /** {@link BackendResolver#resolve}, or a test's. */
    interface Names {
        void resolve(String host, Consumer<Resolution> answer);
    }

    private final EventLoop loop;
    private final Transport transport;
    private final Names names;
    private final Supplier<SslContext> tls;
    private int timeoutMillis;

    /**
     * @param tls for {@code https://} backends
     * @param timeout for each connection to come about, with all addresses of a name and TLS, zero for as long as the
     *     kernel tries
     */
    public Connector(
            EventLoop loop, Transport transport, BackendResolver resolver, Supplier<SslContext> tls, Duration timeout) {
        this(loop, transport, resolver::resolve, tls, timeout);
    }

    Connector(EventLoop loop, Transport transport, Names names, Supplier<SslContext> tls, Duration timeout) {
        this.loop = loop;
        this.transport = transport;
        this.names = names;
        this.tls = tls;
        follow(timeout);
    }

    /** Connections that begin from now on have this time to come about. To be called on the event loop. */
    public void follow(Duration timeout) {
        timeoutMillis = (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
    }

    /** Connects to {@code backend} for {@code pool}. */
    void connect(Backend backend, BackendPool pool, Callback callback) {
        names.resolve(backend.host(), resolution -> {
            if (resolution instanceof Resolution.Found found) {
                new Connecting(backend, pool, callback, found.addresses()).connect(0);
            } else if (resolution instanceof Resolution.NotFound notFound) {
                callback.notConnected(new UpstreamFailure.NotConnected(EndReason.NAME_UNKNOWN, notFound.reason()));
            } else if (resolution instanceof Resolution.NotAsked notAsked) {
                callback.notConnected(new UpstreamFailure.NotLookedUp(notAsked.reason()));
            }
        });
    }

    /** Netty reports from another thread when it could not even create a channel. */
    private void onLoop(Runnable told) {
        if (loop.inEventLoop()) {
            told.run();
        } else {
            loop.execute(told);
        }
    }

    /** One attempt to connect, over all addresses of a name. */
    private final class Connecting {
        private final Backend backend;
        private final BackendPool pool;
        private final Callback callback;
        private final List<InetAddress> addresses;
        private final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);

        Connecting(Backend backend, BackendPool pool, Callback callback, List<InetAddress> addresses) {
            this.backend = backend;
            this.pool = pool;
            this.callback = callback;
            this.addresses = addresses;
        }

        /** Tries one address after the other. A name has failed when each address has; the addresses share the time that is left. */
        void connect(int index) {
            Bootstrap bootstrap = new Bootstrap()
                    .group(loop)
                    .channel(transport.clientChannel())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, ModestReads.INSTANCE)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    // a backend may answer before the request is complete: a write that fails must not throw the answer
                    // away
                    .option(ChannelOption.AUTO_CLOSE, false)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millisLeft(addresses.size() - index))
                    .handler(new Unconnected());
            ChannelFuture connecting = bootstrap.connect(new InetSocketAddress(addresses.get(index), backend.port()));
            connecting.addListener(future -> onLoop(() -> {
                Throwable cause = future.cause();
                if (cause == null) {
                    connected(connecting.channel());
                } else if (DirectMemory.isExhausted(cause)) {
                    callback.notConnected(noMemory(ConnectFault.describe(cause)));
                } else if (ConnectFault.isLocal(cause)) {
                    callback.notConnected(new UpstreamFailure.NoSocketLeft(ConnectFault.describe(cause)));
                } else if (index + 1 < addresses.size()) {
                    connect(index + 1);
                } else {
                    callback.notConnected(
                            new UpstreamFailure.NotConnected(ConnectFault.reason(cause), ConnectFault.describe(cause)));
                }
            }));
        }

        /** The share of one of {@code steps} that may still follow. Zero means no limit, and is returned only where there is none. */
        private int millisLeft(int steps) {
            if (timeoutMillis == 0) {
                return 0;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
            return (int) Math.max(1, left / steps);
        }

        private UpstreamFailure notShaken(Throwable cause) {
            String words = "TLS: " + ConnectFault.describe(cause);
            return DirectMemory.isExhausted(cause)
                    ? noMemory(words)
                    : new UpstreamFailure.NotConnected(EndReason.BACKEND_TLS_FAILED, words);
        }

        private UpstreamFailure noMemory(String words) {
            pool.outOfMemory();
            return new UpstreamFailure.NoMemory(words);
        }

        private void connected(Channel channel) {
            ResponseDecoder decoder = new ResponseDecoder();
            Http1UpstreamConnection connection = new Http1UpstreamConnection(channel, decoder, pool);
            channel.pipeline().remove(Unconnected.class);
            if (!backend.tls()) {
                channel.pipeline().addLast(decoder, connection);
                connection.established();
                callback.connected(connection);
                return;
            }
            SslHandler ssl;
            try {
                ssl = tls.get().newHandler(channel.alloc(), backend.host(), backend.port());
            } catch (OutOfMemoryError e) {
                channel.close();
                callback.notConnected(noMemory(ConnectFault.describe(e)));
                return;
            }
            ssl.setHandshakeTimeoutMillis(millisLeft(1));
            channel.pipeline().addLast(ssl, decoder, connection);
            ssl.handshakeFuture().addListener(handshake -> {
                if (handshake.isSuccess()) {
                    connection.established();
                    callback.connected(connection);
                } else {
                    channel.close();
                    callback.notConnected(notShaken(handshake.cause()));
                }
            });
        }
    }
}
