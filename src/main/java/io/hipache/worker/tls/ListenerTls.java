package io.hipache.worker.tls;

import io.hipache.certificates.CertificateParser;
import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.CertificatesByName;
import io.hipache.certificates.FileCertificate;
import io.hipache.certificates.NameIndex;
import io.hipache.certificates.PemPair;
import io.hipache.certificates.UnusableCertificateException;
import io.hipache.config.HipacheConfig;
import io.hipache.tls.BadPem;
import io.hipache.tls.ClientTls;
import io.hipache.tls.ClientTlsSettings;
import io.hipache.tls.Credential;
import io.hipache.tls.TlsContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Makes the TLS of the listeners. Listeners with the same TLS settings share everything. Connections begin with a
 * {@link CertificateChoice}. Used by the thread that starts the worker.
 */
public final class ListenerTls {
    /**
     * Certificates that may wait to be parsed. Each takes one to three milliseconds, so the last waits for a second or
     * two.
     */
    private static final int MOST_WAITING = 512;

    private final EventLoop loop;
    private final HipacheConfig config;
    private final CertificateStore store;
    private final LazyTls tls;
    private final Executor parsers = parsers();
    private final ValidityWarnings warnings = new ValidityWarnings(Instant::now, System::nanoTime);
    private final Map<HipacheConfig.Tls, Function<ByteBufAllocator, ChannelHandler>> made = new HashMap<>();

    public ListenerTls(EventLoop loop, HipacheConfig config, CertificateStore store, LazyTls tls) {
        this.loop = loop;
        this.config = config;
        this.store = store;
        this.tls = tls;
    }

    /**
     * Returns what makes the TLS handler of each connection to a listener.
     *
     * @throws IllegalArgumentException with a message for the administrator
     */
    public Function<ByteBufAllocator, ChannelHandler> handlers(HipacheConfig.Tls spoken) {
        return made.computeIfAbsent(spoken, this::make);
    }

    private Function<ByteBufAllocator, ChannelHandler> make(HipacheConfig.Tls spoken) {
        List<String> protocols = offered(config.server().http2());
        ClientTls otherwise = tls.forClients(spoken, protocols, config.files());
        HipacheConfig.HostCertificates certificates = config.certificates();
        if (certificates.files().isEmpty() && !certificates.fromRedis()) {
            return allocator -> new CertificateChoice((hostname, chosen) -> chosen.accept(otherwise), protocols);
        }
        ClientTlsSettings settings = LazyTls.settings(spoken, protocols);
        TlsContexts contexts = tls.contexts();
        CertificatesByName<ClientTls> byName = new CertificatesByName<>(
                loop,
                files(contexts, settings),
                certificates.fromRedis() ? store : null,
                pem -> () -> parse(contexts, settings, pem),
                warnings::shown,
                otherwise,
                parsers,
                ClientTls::close);
        return allocator -> new CertificateChoice(byName::choose, protocols);
    }

    /** The protocols of a listener, the best first. */
    private static List<String> offered(boolean http2) {
        return http2
                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                : List.of(ApplicationProtocolNames.HTTP_1_1);
    }

    private NameIndex<FileCertificate<ClientTls>> files(TlsContexts contexts, ClientTlsSettings settings) {
        NameIndex<FileCertificate<ClientTls>> index = new NameIndex<>();
        for (HipacheConfig.HostCertificate certificate : config.certificates().files()) {
            CertificateParser<ClientTls> parser =
                    () -> contexts.forClients(settings, config.files().credential(certificate.tls()));
            String label = certificate.tls().cert() + " (" + certificate.hosts().get(0) + ")";
            index.add(certificate.hosts(), new FileCertificate<>(label, parser));
        }
        return index;
    }

    private static ClientTls parse(TlsContexts contexts, ClientTlsSettings settings, PemPair pem)
            throws UnusableCertificateException {
        try {
            return contexts.forClients(settings, Credential.ofTenant(pem.key(), pem.certificate()));
        } catch (BadPem e) {
            throw new UnusableCertificateException("it " + e.predicate());
        }
    }

    /** One thread, which ends while there is nothing to do. */
    private static Executor parsers() {
        ThreadPoolExecutor parsers = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_WAITING),
                new DefaultThreadFactory("certificates", true));
        parsers.allowCoreThreadTimeOut(true);
        return parsers;
    }
}
