package io.hipache.worker.tls;

import io.hipache.certificates.CertificateParser;
import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.CertificatesByName;
import io.hipache.certificates.FileCertificate;
import io.hipache.certificates.NameIndex;
import io.hipache.certificates.PemPair;
import io.hipache.certificates.UnusableCertificateException;
import io.hipache.config.HipacheConfig;
import io.hipache.config.KeyFiles;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of all listeners of a configuration. Listeners with the same TLS settings share everything. Connections begin with a
 * {@link CertificateChoice}. Made on another thread than the event loop; then confined to the loop.
 */
public final class ListenerTls {
    /**
     * Certificates that may wait to be parsed. Each takes one to three milliseconds, so the last waits for a second or
     * two.
     */
    private static final int MOST_WAITING = 512;

    /** After this time, no connection waits any more for its ClientHello or for its certificate. */
    static final Duration LONGEST_CHOICE = ClientTls.HANDSHAKE_TIMEOUT.plusSeconds(5);

    /** Everything that the certificates of a configuration come from. */
    private record Origin(
            Set<HipacheConfig.Tls> spoken,
            boolean http2,
            HipacheConfig.HostCertificates certificates,
            KeyFiles files,
            @Nullable CertificateStore store) {

        static Origin of(HipacheConfig config, CertificateStore store) {
            Set<HipacheConfig.Tls> spoken = config.listeners().stream()
                    .map(HipacheConfig.Listener::tls)
                    .filter(Objects::nonNull)
                    .collect(Collectors.toUnmodifiableSet());
            boolean none = spoken.isEmpty();
            return new Origin(
                    spoken,
                    config.server().http2(),
                    config.certificates(),
                    none ? new KeyFiles(Map.of()) : config.files(),
                    !none && config.certificates().fromRedis() ? store : null);
        }
    }

    private final EventLoop loop;
    private final Origin origin;
    private final LazyTls tls;
    private final Executor parsers = parsers();
    private final ValidityWarnings warnings = new ValidityWarnings(Instant::now, System::nanoTime);
    private final Map<HipacheConfig.Tls, Function<ByteBufAllocator, ChannelHandler>> made = new HashMap<>();
    private final List<ClientTls> defaults = new ArrayList<>();
    private final List<CertificatesByName<ClientTls>> byName = new ArrayList<>();
    private boolean used;

    /**
     * Makes it, which may take a second, because a library is loaded the first time.
     *
     * @param store asked for certificates by host name, where the configuration wants that
     * @throws IllegalArgumentException with a message for the administrator
     */
    public ListenerTls(EventLoop loop, HipacheConfig config, CertificateStore store, LazyTls tls) {
        this.loop = loop;
        this.origin = Origin.of(config, store);
        this.tls = tls;
        try {
            origin.spoken().forEach(spoken -> made.put(spoken, make(spoken)));
        } catch (RuntimeException e) {
            defaults.forEach(ClientTls::close);
            throw e;
        }
    }

    /** Whether it is what this configuration needs: no setting, no file and no store is another one. */
    public boolean fits(HipacheConfig config, CertificateStore asked) {
        return origin.equals(Origin.of(config, asked));
    }

    /** Whether the store is asked for certificates. */
    public boolean asksStore() {
        return origin.store() != null;
    }

    /** Returns what makes the TLS handler of each connection to a listener of this configuration. */
    public Function<ByteBufAllocator, ChannelHandler> handlers(HipacheConfig.Tls spoken) {
        return Objects.requireNonNull(made.get(spoken));
    }

    /** One of each kind, for a warm-up. */
    public List<Function<ByteBufAllocator, ChannelHandler>> handlers() {
        return List.copyOf(made.values());
    }

    private Function<ByteBufAllocator, ChannelHandler> make(HipacheConfig.Tls spoken) {
        List<String> protocols = offered(origin.http2());
        ClientTls otherwise = tls.forClients(spoken, protocols, origin.files());
        defaults.add(otherwise);
        if (origin.certificates().files().isEmpty() && origin.store() == null) {
            return allocator -> begin((hostname, chosen) -> chosen.accept(otherwise), protocols);
        }
        ClientTlsSettings settings = LazyTls.settings(spoken, protocols);
        TlsContexts contexts = tls.contexts();
        CertificatesByName<ClientTls> names = new CertificatesByName<>(
                loop,
                files(contexts, settings),
                origin.store(),
                pem -> () -> parse(contexts, settings, pem),
                warnings::shown,
                otherwise,
                parsers,
                ClientTls::close);
        byName.add(names);
        return allocator -> begin(names::choose, protocols);
    }

    private CertificateChoice begin(CertificateChoice.Chooser chooser, List<String> protocols) {
        used = true;
        return new CertificateChoice(chooser, protocols, tls::countHandshake);
    }

    /**
     * Frees the native memory. To be called on the event loop when no connection begins any more. Those that have begun may
     * go on: it waits until none of them needs a certificate.
     *
     * @param then run when that is so; the store is not asked any more
     */
    public void close(Runnable then) {
        assert loop.inEventLoop();
        if (used) {
            loop.schedule(() -> free(then), LONGEST_CHOICE.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            free(then);
        }
    }

    private void free(Runnable then) {
        defaults.forEach(ClientTls::close);
        byName.forEach(CertificatesByName::close);
        then.run();
    }

    /** The protocols of a listener, the best first. */
    private static List<String> offered(boolean http2) {
        return http2
                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                : List.of(ApplicationProtocolNames.HTTP_1_1);
    }

    private NameIndex<FileCertificate<ClientTls>> files(TlsContexts contexts, ClientTlsSettings settings) {
        NameIndex<FileCertificate<ClientTls>> index = new NameIndex<>();
        KeyFiles texts = origin.files();
        for (HipacheConfig.HostCertificate certificate : origin.certificates().files()) {
            CertificateParser<ClientTls> parser =
                    () -> contexts.forClients(settings, texts.credential(certificate.tls()));
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
