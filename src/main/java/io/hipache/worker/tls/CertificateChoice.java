package io.hipache.worker.tls;

import io.hipache.certificates.CertificatesByName;
import io.hipache.net.ReadGate;
import io.hipache.tls.ClientTls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Begins the TLS of a connection. It stands in the place of TLS and waits for the ClientHello. A client with which no
 * protocol can be agreed on gets an alert ({@link AlpnOffer}). Otherwise the certificate is chosen by the name in the
 * ClientHello (RFC 6066 section 3), where certificates by host name are possible. Then TLS takes its place, with the rest of
 * the time for the handshake. Confined to the event loop.
 */
final class CertificateChoice extends AbstractSniHandler<SslHandler> {
    /** Browsers send about 2,000 bytes. */
    private static final int LONGEST_CLIENT_HELLO = 16 << 10;

    /** Chooses the TLS for a host name, such as {@link CertificatesByName#choose}. */
    interface Chooser {
        /**
         * Chooses the TLS for {@code hostname}.
         *
         * @param callback called once, perhaps before this method returns; may use what it gets within the call only
         */
        void choose(@Nullable String hostname, Consumer<ClientTls> callback);
    }

    private final Chooser certificates;
    private final List<String> protocols;
    private final Runnable secured;
    private final long beganNanos = System.nanoTime();
    private @Nullable ReadGate gate;

    /**
     * For one connection.
     *
     * @param protocols what clients are offered by ALPN
     * @param secured called when the handshake is complete
     */
    CertificateChoice(Chooser certificates, List<String> protocols, Runnable secured) {
        super(LONGEST_CLIENT_HELLO, ClientTls.HANDSHAKE_TIMEOUT.toMillis());
        this.certificates = certificates;
        this.protocols = protocols;
        this.secured = secured;
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello) throws Exception {
        if (clientHello != null && !AlpnOffer.isAcceptable(clientHello, protocols)) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(AlpnOffer.alert()));
            return ctx.executor()
                    .newFailedFuture(new SSLException("no protocol that this listener speaks was offered"));
        }
        return super.lookup(ctx, clientHello);
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
        Promise<SslHandler> promise = ctx.executor().newPromise();
        certificates.choose(hostname, tls -> {
            try {
                promise.setSuccess(tls.newHandler(ctx.alloc(), timeLeft()));
            } catch (RuntimeException e) {
                promise.setFailure(e);
            }
        });
        if (!promise.isDone()) {
            // without this pause, bytes of the client would gather here until the store answers
            gate = new ReadGate(ctx.channel());
            gate.pause(ReadGate.Reason.INBOX);
        }
        return promise;
    }

    /** Stops Netty's decoder, which would read from the channel even while the gate is shut. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (gate == null || gate.isOpen()) {
            super.channelReadComplete(ctx);
        }
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, @Nullable String hostname, Future<SslHandler> chosen)
            throws Exception {
        if (gate != null) {
            gate.open();
        }
        SslHandler handler = chosen.getNow();
        if (handler == null) {
            throw new SSLException("cannot set up TLS for the host name " + hostname, chosen.cause());
        }
        if (ctx.isRemoved()) {
            // the client has left meanwhile
            ReferenceCountUtil.release(handler.engine());
        } else {
            ctx.pipeline().replace(this, null, handler);
            handler.handshakeFuture().addListener(handshake -> {
                if (handshake.isSuccess()) {
                    secured.run();
                }
            });
        }
    }

    private Duration timeLeft() {
        Duration left = ClientTls.HANDSHAKE_TIMEOUT.minusNanos(System.nanoTime() - beganNanos);
        return left.toMillis() < 1 ? Duration.ofMillis(1) : left;
    }
}
