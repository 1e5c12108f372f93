package io.hipache.worker.tls;

import io.hipache.certificates.CertificatesByName;
import io.hipache.net.ReadGate;
import io.hipache.tls.ClientTls;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of a TLS client where certificates by host name are possible: it waits for the ClientHello, has the
 * certificate chosen for the name in it (RFC 6066 section 3), and gives its place to TLS, with what is left of the time for the
 * handshake. Confined to the event loop.
 */
final class CertificateChoice extends AbstractSniHandler<SslHandler> {
    /** Browsers of today send 2,000 bytes. */
    private static final int LONGEST_CLIENT_HELLO = 16 << 10;

    private final CertificatesByName<ClientTls> certificates;
    private final long beganNanos = System.nanoTime();
    private @Nullable ReadGate gate;

    CertificateChoice(CertificatesByName<ClientTls> certificates) {
        super(LONGEST_CLIENT_HELLO, ClientTls.HANDSHAKE_TIMEOUT.toMillis());
        this.certificates = certificates;
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
            // whatever else the client sends would gather here, as long as the store takes to answer
            gate = new ReadGate(ctx.channel());
            gate.pause(ReadGate.Reason.INBOX);
        }
        return promise;
    }

    /** A decoder that has passed nothing on asks for more, even of a channel that is not to be read. */
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
            throw new SSLException("no TLS for " + hostname, chosen.cause());
        }
        if (ctx.isRemoved()) {
            // the client did not wait
            ReferenceCountUtil.release(handler.engine());
        } else {
            ctx.pipeline().replace(this, null, handler);
        }
    }

    private Duration timeLeft() {
        Duration left = ClientTls.HANDSHAKE_TIMEOUT.minusNanos(System.nanoTime() - beganNanos);
        return left.toMillis() < 1 ? Duration.ofMillis(1) : left;
    }
}
