package io.hipache.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes what TLS is spoken with, towards clients and towards backends. Not bound to a thread. */
public final class TlsContexts {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    /** Mozilla's, and the hybrid that browsers of today ask for first. */
    private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"};

    private final TlsProvider provider;
    private final SessionTickets tickets = new SessionTickets();

    public TlsContexts(TlsProvider provider) {
        this.provider = provider;
    }

    /**
     * For a listener, or for one of its hosts.
     *
     * @throws IllegalArgumentException when the credential is of no use to the provider
     */
    public ClientTls forClients(ClientTlsSettings settings, Credential credential) {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        credential.key(), credential.chain().toArray(new X509Certificate[0]))
                .sslProvider(provider.netty())
                .protocols(protocols(settings))
                .ciphers(settings.suites(), SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(alpn(settings.protocols()))
                .sessionTimeout(SessionTickets.LIFETIME.toSeconds());
        if (provider == TlsProvider.BORINGSSL) {
            builder.option(OpenSslContextOption.GROUPS, GROUPS).enableOcsp(credential.staple() != null);
        }
        try {
            SslContext context = builder.build();
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                // the client keeps its session, in a ticket
                sessions.setSessionCacheEnabled(false);
            }
            return new ClientTls(context, settings.serverOrder(), credential, tickets);
        } catch (SSLException e) {
            throw new IllegalArgumentException(credential + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * For {@code https://} backends. Their certificates are not verified, as with nginx's default: a frontend lists
     * backends by address, mostly, and whoever may write frontends may send the traffic anywhere anyway.
     */
    public SslContext forBackends() {
        try {
            return SslContextBuilder.forClient()
                    // the one that is freed with the last reference; nobody makes many of these
                    .sslProvider(provider == TlsProvider.JDK ? SslProvider.JDK : SslProvider.OPENSSL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(PROTOCOLS)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("there is no TLS", e);
        }
    }

    /** See {@link SessionTickets#use}. */
    public void useTicketKeys(ByteBuffer keys) {
        tickets.use(keys);
    }

    /** TLS 1.2 is left out where none of its suites is wanted. */
    private static List<String> protocols(ClientTlsSettings settings) {
        boolean both = settings.suites().stream().anyMatch(suite -> suite.contains("_WITH_"));
        return both ? PROTOCOLS : PROTOCOLS.subList(0, 1);
    }

    private static ApplicationProtocolConfig alpn(List<String> protocols) {
        if (protocols.isEmpty()) {
            return ApplicationProtocolConfig.DISABLED;
        }
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols);
    }
}
