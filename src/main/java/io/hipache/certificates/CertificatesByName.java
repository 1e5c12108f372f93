package io.hipache.certificates;

import io.hipache.certificates.CertificateStore.Stored;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the certificate for the name that a TLS client asks for. An exact name comes before a wildcard of one label, and for
 * each of them a file comes before the store. The default certificate comes last. The store is asked at every handshake whose
 * name no file has exactly, so that a change in the store holds for the very next handshake. Owned by the worker and confined
 * to its event loop.
 *
 * @param <T> a certificate in the form that TLS uses it
 */
public final class CertificatesByName<T> {

    private static final Logger LOG = LoggerFactory.getLogger(CertificatesByName.class);

    /** Names whose certificates are kept. Bounds the memory of a worker, however many names there are. */
    private static final int SIZE = 1_000;

    /** Names without an exact certificate that the store is asked for in one second. */
    private static final int MISSES_PER_SECOND = 2_000;

    /** How long a handshake waits for the store. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** How long it then waits for the parser. Many handshakes may wait for the parser just after a start. */
    static final Duration LONGEST_PARSING = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final NameIndex<FileCertificate<T>> files;
    private final @Nullable CertificateStore store;
    private final Function<PemPair, CertificateParser<T>> parserOf;
    private final BiConsumer<String, T> shown;
    private final T defaultCertificate;
    private final ParsedCertificates<T> parsed;
    private final MissBudget misses;
    private boolean floodLogged;

    /**
     * For listeners that differ in nothing but the name that clients ask for.
     *
     * @param store null when no store is asked
     * @param parserOf makes the parser for a pair of the store
     * @param shown is told the name and the certificate whenever a client is shown one of the store
     * @param defaultCertificate for a name without a certificate, and for clients that ask for no name
     * @param executor runs the parser, which takes milliseconds; rejects a task when too many are waiting
     * @param discard frees a certificate that is not handed out any more
     */
    public CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate<T>> files,
            @Nullable CertificateStore store,
            Function<PemPair, CertificateParser<T>> parserOf,
            BiConsumer<String, T> shown,
            T defaultCertificate,
            Executor executor,
            Consumer<T> discard) {
        this(
                loop,
                files,
                store,
                parserOf,
                shown,
                defaultCertificate,
                new ParsedCertificates<>(loop, executor, discard, SIZE),
                new MissBudget(MISSES_PER_SECOND, System::nanoTime));
    }

    CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate<T>> files,
            @Nullable CertificateStore store,
            Function<PemPair, CertificateParser<T>> parserOf,
            BiConsumer<String, T> shown,
            T defaultCertificate,
            ParsedCertificates<T> parsed,
            MissBudget misses) {
        this.loop = loop;
        this.files = files;
        this.store = store;
        this.parserOf = parserOf;
        this.shown = shown;
        this.defaultCertificate = defaultCertificate;
        this.parsed = parsed;
        this.misses = misses;
    }

    /**
     * Chooses the certificate of one handshake.
     *
     * @param asked the name as the client wrote it, null when it sent none
     * @param callback called once, perhaps before this method returns; may use the certificate within the call only
     */
    public void choose(@Nullable String asked, Consumer<T> callback) {
        assert loop.inEventLoop();
        ServerName name = ServerName.of(asked);
        if (name == null) {
            callback.accept(defaultCertificate);
        } else {
            new Choice(name, callback).begin();
        }
    }

    /** Frees what was parsed. To be called when no handshake asks any more; one that does is answered nevertheless. */
    public void close() {
        parsed.close();
    }

    /**
     * One handshake. The methods stand in the order of the sources: each one answers with a certificate, or calls the next
     * method.
     */
    private final class Choice implements CertificateStore.ReadCallback {

        private final ServerName name;
        private @Nullable Consumer<T> callback;
        private @Nullable Future<?> timeout;
        private Stored storedWildcard = new Stored.Nothing();

        Choice(ServerName name, Consumer<T> callback) {
            this.name = name;
            this.callback = callback;
        }

        void begin() {
            tryExactFile();
            if (timeout == null) {
                waitAtMost(LONGEST_PARSING);
            }
        }

        private void tryExactFile() {
            tryFile(files.exact(name), this::askStore);
        }

        private void askStore() {
            if (store == null) {
                found(new Stored.Nothing(), new Stored.Nothing());
            } else if (!parsed.knows(name.name()) && !misses.allows()) {
                logFlood();
                unavailable("too many names");
            } else {
                waitAtMost(LONGEST_WAIT);
                store.read(name, this);
            }
        }

        @Override
        public void found(Stored exact, Stored wildcard) {
            if (exact instanceof Stored.Nothing) {
                misses.miss();
            }
            storedWildcard = wildcard;
            tryStored(name.name(), exact, this::tryWildcardFile);
            waitAtMost(LONGEST_PARSING);
        }

        private void tryWildcardFile() {
            tryFile(files.wildcard(name), this::tryStoredWildcard);
        }

        private void tryStoredWildcard() {
            if (name.wildcard() == null) {
                answerDefault();
            } else {
                tryStored(name.wildcard(), storedWildcard, this::answerDefault);
            }
        }

        private void answerDefault() {
            answer(defaultCertificate);
        }

        /** The store was not asked, or gives no answer. The store has logged why. */
        @Override
        public void unavailable(String reason) {
            T lastGood = parsed.lastGood(name.name());
            if (lastGood == null) {
                tryFile(files.wildcard(name), this::answerFromMemory);
            } else {
                answer(lastGood);
            }
        }

        /** Answers at once with the best certificate that is parsed already. */
        private void answerFromMemory() {
            FileCertificate<T> file = files.wildcard(name);
            T exact = parsed.lastGood(name.name());
            T fromFile = file == null ? null : parsed.lastGood(file.label());
            T wildcard = name.wildcard() == null ? null : parsed.lastGood(name.wildcard());
            answer(
                    exact != null
                            ? exact
                            : fromFile != null ? fromFile : wildcard != null ? wildcard : defaultCertificate);
        }

        private void tryFile(@Nullable FileCertificate<T> file, Runnable next) {
            if (file == null) {
                next.run();
            } else {
                parsed.get(file.label(), file.label(), file.parser(), found -> answerOr(found, next));
            }
        }

        private void tryStored(String key, Stored stored, Runnable next) {
            if (stored instanceof Stored.Pair pair) {
                parsed.get(key, pair.pem(), parserOf.apply(pair.pem()), found -> {
                    if (found != null) {
                        shown.accept(key, found);
                    }
                    answerOr(found, next);
                });
            } else if (stored instanceof Stored.Unusable unusable) {
                answerOr(parsed.unusable(key, unusable.reason()), next);
            } else {
                parsed.forget(key);
                next.run();
            }
        }

        private void answerOr(@Nullable T found, Runnable next) {
            if (found == null) {
                next.run();
            } else {
                answer(found);
            }
        }

        /**
         * Answers the handshake with the first certificate. Others may follow when the time ran out first: they only update
         * what {@link #parsed} keeps.
         */
        private void answer(T chosen) {
            Consumer<T> waiting = callback;
            if (waiting != null) {
                callback = null;
                if (timeout != null) {
                    timeout.cancel(false);
                }
                waiting.accept(chosen);
            }
        }

        /** Starts the timeout anew. Does nothing more when the handshake has its answer. */
        private void waitAtMost(Duration longest) {
            if (timeout != null) {
                timeout.cancel(false);
            }
            if (callback != null) {
                timeout = loop.schedule(this::answerFromMemory, longest.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
    }

    private void logFlood() {
        if (!floodLogged) {
            floodLogged = true;
            LOG.warn(
                    "TLS clients ask for too many host names without a certificate: unknown names are not looked up until"
                            + " the second is over, and are shown a known wildcard certificate or the default one (logged once)");
        }
    }
}
