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
 * TLS towards clients, with one certificate. Any thread may use it. Its native memory in BoringSSL is freed some time
 * after the last reference to this object is gone. Connections that were made with it keep working.
 */
public final class ClientTls {
    private static final Cleaner CLEANER = Cleaner.create();

    /** How long a handshake may take, from its first byte to its last. */
    public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final SslContext context;
    private final boolean serverOrder;
    private final X509Certificate certificate;
    private final Validity validity;
    private final @Nullable OcspStaple staple;
    private final SessionTickets tickets;
    private final Cleaner.Cleanable cleanable;

    /** @param context owned by this object from now on */
    ClientTls(SslContext context, boolean serverOrder, Credential credential, SessionTickets tickets) {
        this.context = context;
        this.serverOrder = serverOrder;
        this.certificate = credential.chain().get(0);
        this.validity = Validity.of(credential.chain());
        this.staple = credential.staple();
        this.tickets = tickets;
        this.cleanable = CLEANER.register(this, () -> ReferenceCountUtil.release(context));
        tickets.add(this);
    }

    /**
     * Frees the native memory now instead of some time later. Connections that were made with this object keep working.
     */
    public void close() {
        tickets.remove(this);
        cleanable.clean();
    }

    /** How many handshakes have resumed a session. */
    long resumptions() {
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            return sessions.stats().ticketKeyResume() + sessions.stats().ticketKeyRenew();
        }
        return 0;
    }

    /** The certificate that clients are shown. */
    X509Certificate certificate() {
        return certificate;
    }

    /** When clients accept its certificate. */
    public Validity validity() {
        return validity;
    }

    /** A handler for a connection that was just accepted. */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        return newHandler(allocator, HANDSHAKE_TIMEOUT);
    }

    /**
     * A handler for a connection whose handshake has begun already.
     *
     * @param handshakeTimeout the time that is left for the handshake
     */
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
     * Makes this context accept the tickets of every worker that has the same keys (RFC 5077, RFC 8446 §4.6.1). The
     * JDK's TLS cannot do this.
     *
     * @param keys the first one encrypts tickets, all of them decrypt
     */
    void useTicketKeys(List<TicketKey> keys) {
        if (context instanceof ReferenceCountedOpenSslContext) {
            OpenSslSessionContext sessions = (OpenSslSessionContext) context.sessionContext();
            sessions.setTicketKeys(
                    keys.stream().map(key -> key.deriveFor(certificate)).toArray(OpenSslSessionTicketKey[]::new));
        }
    }
}
