package io.hipache.worker.tls;

import io.hipache.config.HipacheConfig;
import io.hipache.config.KeyFiles;
import io.hipache.tls.CertificateEnd;
import io.hipache.tls.ClientTls;
import io.hipache.tls.ClientTlsSettings;
import io.hipache.tls.TlsContexts;
import io.hipache.tls.TlsProvider;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The TLS contexts of a worker, for all its configurations. They are made for the first TLS listener or the first
 * {@code https://} backend, so most workers do not load the classes of TLS. Any thread may call it, except for {@link #get}.
 */
public final class LazyTls implements Supplier<SslContext> {
    private volatile @Nullable TlsContexts contexts;
    private @Nullable SslContext backends;
    private @Nullable ByteBuffer ticketKeys;
    /** Confined to the event loop. */
    private long handshakes;

    private long resumptionsBefore;

    /** The context for connections to backends. Confined to the event loop. */
    @Override
    public SslContext get() {
        if (backends == null) {
            backends = contexts().forBackends();
        }
        return backends;
    }

    /** As {@link #get}, but a new context that offers these protocols by ALPN (RFC 7301). */
    public SslContext offering(List<String> protocols) {
        return contexts().forBackends(protocols);
    }

    /**
     * Makes TLS for the clients of a listener.
     *
     * @param protocols the protocols that clients are offered by ALPN (RFC 7301), the best first
     * @throws IllegalArgumentException with a message for the administrator
     */
    ClientTls forClients(HipacheConfig.Tls tls, List<String> protocols, KeyFiles files) {
        return contexts().forClients(settings(tls, protocols), files.credential(tls));
    }

    /** The settings of a listener. They are the same for all its certificates. */
    static ClientTlsSettings settings(HipacheConfig.Tls tls, List<String> protocols) {
        return new ClientTlsSettings(tls.cipherList().suites(), tls.honorCipherOrder(), protocols);
    }

    /** A client has ended its handshake well. Called on the event loop. */
    void countHandshake() {
        handshakes++;
    }

    /** Forgets what was counted, as that of a warm-up, which is not of clients. Called on the event loop. */
    public void countFromNow() {
        handshakes = 0;
        resumptionsBefore = allResumptions();
    }

    /** How many clients have ended their handshakes well. Called on the event loop. */
    public long handshakes() {
        return handshakes;
    }

    /** How many of these have resumed a session. Called on the event loop. */
    public long resumptions() {
        return allResumptions() - resumptionsBefore;
    }

    private long allResumptions() {
        TlsContexts made = contexts;
        return made == null ? 0 : made.resumptions();
    }

    /** The certificates that clients may be shown, by when they end. */
    public List<CertificateEnd> certificateEnds(int most) {
        TlsContexts made = contexts;
        return made == null ? List.of() : made.certificateEnds(most);
    }

    /** Uses these keys for session tickets, in the contexts that exist and in those that are made later. */
    public synchronized void useTicketKeys(ByteBuffer keys) {
        ticketKeys = keys;
        TlsContexts made = contexts;
        if (made != null) {
            made.useTicketKeys(keys);
        }
    }

    public TlsContexts contexts() {
        TlsContexts made = contexts;
        // the library is loaded before the lock is taken, because the event loop may wait for the lock
        return made == null ? make(TlsProvider.best()) : made;
    }

    private synchronized TlsContexts make(TlsProvider provider) {
        TlsContexts made = contexts;
        if (made == null) {
            made = new TlsContexts(provider);
            if (ticketKeys != null) {
                made.useTicketKeys(ticketKeys);
            }
            contexts = made;
        }
        return made;
    }
}
