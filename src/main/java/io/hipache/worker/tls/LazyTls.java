package io.hipache.worker.tls;

import io.hipache.config.HipacheConfig;
import io.hipache.config.KeyFiles;
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
 * TLS of a worker, made for the first listener or the first {@code https://} backend: most workers never load its
 * classes. Confined to the event loop once the worker has started.
 */
public final class LazyTls implements Supplier<SslContext> {
    private @Nullable TlsContexts contexts;
    private @Nullable SslContext backends;
    private @Nullable ByteBuffer ticketKeys;

    /** Towards backends. */
    @Override
    public SslContext get() {
        if (backends == null) {
            backends = contexts().forBackends();
        }
        return backends;
    }

    /**
     * Towards the clients of a listener.
     *
     * @param protocols what they are offered by ALPN (RFC 7301), the best first
     * @throws IllegalArgumentException with a message for the administrator
     */
    ClientTls listener(HipacheConfig.Tls tls, List<String> protocols, KeyFiles files) {
        return contexts().forClients(settings(tls, protocols), files.credential(tls));
    }

    /** What clients of a listener are offered, whichever certificate they are shown. */
    static ClientTlsSettings settings(HipacheConfig.Tls tls, List<String> protocols) {
        return new ClientTlsSettings(tls.cipherList().suites(), tls.honorCipherOrder(), protocols);
    }

    /** Has all contexts that are there and that come make and read session tickets with these keys. */
    public void useTicketKeys(ByteBuffer keys) {
        ticketKeys = keys;
        if (contexts != null) {
            contexts.useTicketKeys(keys);
        }
    }

    public TlsContexts contexts() {
        TlsContexts made = contexts;
        if (made == null) {
            made = new TlsContexts(TlsProvider.best());
            contexts = made;
            if (ticketKeys != null) {
                made.useTicketKeys(ticketKeys);
            }
        }
        return made;
    }
}
