package io.hipache.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.SSLException;

/** Creates the TLS contexts for clients and for backends. Any thread may call it. */
public final class TlsContexts {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    /** The groups for key exchange: Mozilla's list, preceded by the hybrid that today's browsers prefer. */
    private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"};

    /**
     * Netty puts the key of a context into a key store in memory, and takes the key out again. The usual kind of store, PKCS #12,
     * derives an encryption key for that in ten thousand rounds, twice.
     */
    private static final String KEY_STORE = "JKS";

    private static final NobodyTrusted NOBODY = new NobodyTrusted();

    private final TlsProvider provider;
    private final SessionTickets tickets = new SessionTickets();

    public TlsContexts(TlsProvider provider) {
        this.provider = provider;
    }

    /**
     * Creates a context for a listener, or for one of its hosts.
     *
     * @throws IllegalArgumentException when the provider cannot use the credential
     */
    public ClientTls forClients(ClientTlsSettings settings, Credential credential) {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        credential.key(), credential.chain().toArray(new X509Certificate[0]))
                .sslProvider(provider.netty())
                .clientAuth(ClientAuth.NONE)
                .trustManager(NOBODY)
                .keyStoreType(KEY_STORE)
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
                // sessions are kept by the clients, in tickets
                sessions.setSessionCacheEnabled(false);
            }
            return new ClientTls(context, settings.serverOrder(), credential, tickets);
        } catch (SSLException e) {
            throw new IllegalArgumentException(credential + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Creates a context for {@code https://} backends. Certificates of backends are not verified, which is nginx's
     * default too. Frontends mostly list backends by address, and whoever may write frontends can send the traffic
     * anywhere anyway.
     */
    public SslContext forBackends() {
        return forBackends(List.of());
    }

    /** The same, with an offer of protocols by ALPN (RFC 7301). */
    public SslContext forBackends(List<String> protocols) {
        try {
            return SslContextBuilder.forClient()
                    // this variant is freed by the garbage collector; few of these contexts are ever created
                    .sslProvider(provider == TlsProvider.JDK ? SslProvider.JDK : SslProvider.OPENSSL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(PROTOCOLS)
                    .applicationProtocolConfig(alpn(protocols))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS is not available", e);
        }
    }

    /**
     * Uses these keys for session tickets from now on. Affects all contexts for clients, existing and later ones.
     *
     * @param keys the keys one after another, 48 bytes each; the first one encrypts tickets, all of them decrypt
     */
    public void useTicketKeys(ByteBuffer keys) {
        tickets.use(keys);
    }

    /** How many handshakes of clients have resumed a session. */
    public long resumptions() {
        return tickets.resumptions();
    }

    /**
     * Those certificates of all contexts for clients that end first, in this order; each with one of its hosts.
     *
     * @param most so many at most
     */
    public List<CertificateEnd> certificateEnds(int most) {
        // only those that are wanted are read once more for their hosts
        return tickets.users().stream()
                .sorted(Comparator.comparing(user -> user.validity().until()))
                .map(user -> CertificateEnd.of(user.certificate(), user.validity()))
                .distinct()
                .limit(most)
                .sorted()
                .toList();
    }

    /** TLS 1.2 is left out when none of its suites was chosen. */
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
