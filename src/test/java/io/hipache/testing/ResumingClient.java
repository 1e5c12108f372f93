package io.hipache.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * A TLS client that always offers its last session, whichever name it asks for. Clients should not do this. The JDK's
 * client then also sends the old name again.
 */
public final class ResumingClient implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final SslContext tls;
    private final int port;

    /** The certificate that the server showed, and whether the session was resumed. */
    public record Shown(String commonName, boolean resumed) {}

    public ResumingClient(int port, String protocol) {
        this.port = port;
        try {
            tls = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(protocol)
                    .build();
            ((OpenSslSessionContext) tls.sessionContext()).setSessionCacheEnabled(true);
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Connects and has one request answered. The tickets arrive with the answer. */
    public Shown asks(String name) throws Exception {
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connecting) {
                        connecting.pipeline().addLast(handler(connecting, name));
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        ReferenceCountedOpenSslEngine engine = (ReferenceCountedOpenSslEngine) handler.engine();
        Shown shown = handler.handshakeFuture()
                .sync()
                .getNow()
                .eventLoop()
                .submit(() -> shown(engine))
                .get();
        byte[] request =
                "GET / HTTP/1.1\r\nHost: __ping__\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        channel.writeAndFlush(Unpooled.wrappedBuffer(request));
        if (!channel.closeFuture().await(Patience.LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no end of the connection");
        }
        return shown;
    }

    private SslHandler handler(Channel channel, String name) {
        SslHandler handler = tls.newHandler(channel.alloc(), "the.same.peer", port);
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        handler.engine().setSSLParameters(parameters);
        return handler;
    }

    private static Shown shown(ReferenceCountedOpenSslEngine engine) throws SSLException {
        X509Certificate certificate = (X509Certificate) engine.getSession().getPeerCertificates()[0];
        String subject = certificate.getSubjectX500Principal().getName();
        return new Shown(subject.substring("CN=".length()), SSL.isSessionReused(engine.sslPointer()));
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
