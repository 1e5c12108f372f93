package io.hipache.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards clients, with one certificate. Not bound to a thread. What BoringSSL holds of it is freed some time after
 * nobody refers to it any more; connections that were made with it live on.
 */
public final class ClientTls {
    private static final Cleaner CLEANER = Cleaner.create();

    /** From the first byte to the last. */
    public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final SslContext context;
    private final boolean serverOrder;
    private final X509Certificate certificate;
    private final @Nullable OcspStaple staple;
    private final SessionTickets tickets;
    private final Cleaner.Cleanable cleanable;

    /** @param context belongs to this object from now on */
    ClientTls(SslContext context, boolean serverOrder, Credential credential, SessionTickets tickets) {
        this.context = context;
        this.serverOrder = serverOrder;
        this.certificate = credential.chain().get(0);
        this.staple = credential.staple();
        this.tickets = tickets;
        this.cleanable = CLEANER.register(this, () -> ReferenceCountUtil.release(context));
        tickets.add(this);
    }

    /** Frees it now, rather than some time after nobody refers to it; connections that were made with it live on. */
    public void close() {
        tickets.remove(this);
        cleanable.clean();
    }

    /** For a connection that was just accepted. */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        return newHandler(allocator, HANDSHAKE_TIMEOUT);
    }

    /** For a connection whose handshake has begun already. */
    public SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = context.newHandler(allocator);
        if (!serverOrder) {
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setUseCipherSuitesOrder(false);
            handler.engine().setSSLParameters(parameters);
        }
        if (staple != null
                && handler.engine() instanceof ReferenceCountedOpenSslEngine engine
                && !staple.isOutdated(Instant.now())) {
            engine.setOcspResponse(staple.response());
        }
        handler.setHandshakeTimeout(handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS);
        return handler;
    }

    /**
     * Has tickets of any worker with the same keys accepted (RFC 5077, RFC 8446 §4.6.1). The JDK's TLS has no such thing.
     *
     * @param keys the first encrypts
     */
    void useTicketKeys(List<TicketKey> keys) {
        if (context instanceof ReferenceCountedOpenSslContext) {
            OpenSslSessionContext sessions = (OpenSslSessionContext) context.sessionContext();
            sessions.setTicketKeys(
                    keys.stream().map(key -> key.deriveFor(certificate)).toArray(OpenSslSessionTicketKey[]::new));
        }
    }
}
