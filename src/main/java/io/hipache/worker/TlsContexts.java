package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.List;
import javax.net.ssl.SSLException;

/** What TLS is spoken with, towards clients and towards backends. */
final class TlsContexts {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private TlsContexts() {}

    /**
     * For a listener.
     *
     * @throws IllegalArgumentException naming the file, when its key or certificate is of no use
     */
    static SslContext forClients(HipacheConfig.Tls tls) {
        try {
            return SslContextBuilder.forServer(tls.cert().toFile(), tls.key().toFile())
                    .protocols(PROTOCOLS)
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new IllegalArgumentException(
                    "cannot use key " + tls.key() + " with certificate " + tls.cert() + ": " + reason
                            + " (an unencrypted PKCS#8 key is expected)",
                    e);
        }
    }

    /**
     * For {@code https://} backends. Their certificates are not verified, as with nginx's default: a frontend lists
     * backends by address, mostly, and whoever may write frontends may send the traffic anywhere anyway.
     */
    static SslContext forBackends() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(PROTOCOLS)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }
}
