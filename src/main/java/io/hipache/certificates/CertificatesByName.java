package io.hipache.certificates;

import io.hipache.certificates.CertificateStore.Stored;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the certificate for the name a client asks for: an exact one before a wildcard of one label, and among equals
 * one from a file before one from the store; else the listener's own. The store is asked at every handshake whose name no file has
 * exactly, so that a change in it holds for the very next one. Owned by the worker and confined to its event loop.
 *
 * @param <T> what TLS is spoken with
 */
public final class CertificatesByName<T> {

    private static final Logger LOG = LoggerFactory.getLogger(CertificatesByName.class);

    /** Names kept, so that a worker's memory has a bound however many names there are. */
    private static final int SIZE = 1_000;

    /** Names without an exact certificate that the store is asked for in a second. */
    private static final int MISSES_PER_SECOND = 2_000;

    /** What a handshake waits for the store. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** What it then waits for the parser, which many may wait for just after a start. */
    static final Duration LONGEST_PARSING = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final NameIndex<FileCertificate<T>> files;
    private final @Nullable CertificateStore store;
    private final Function<PemPair, CertificateParser<T>> parserOf;
    private final T otherwise;
    private final ParsedCertificates<T> parsed;
    private final MissBudget misses;
    private boolean floodTold;

    /**
     * For listeners that have everything but the name in common.
     *
     * @param store null when it is not to be asked
     * @param parserOf how what the store holds is parsed
     * @param otherwise for a name without a certificate, and for clients that ask for none
     * @param executor runs what takes milliseconds, and refuses it when too much is waiting
     * @param discard frees what is not handed out any more
     */
    public CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate<T>> files,
            @Nullable CertificateStore store,
            Function<PemPair, CertificateParser<T>> parserOf,
            T otherwise,
            Executor executor,
            Consumer<T> discard) {
        this(
                loop,
                files,
                store,
                parserOf,
                otherwise,
                new ParsedCertificates<>(loop, executor, discard, SIZE),
                new MissBudget(MISSES_PER_SECOND, System::nanoTime));
    }

    CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate<T>> files,
            @Nullable CertificateStore store,
            Function<PemPair, CertificateParser<T>> parserOf,
            T otherwise,
            ParsedCertificates<T> parsed,
            MissBudget misses) {
        this.loop = loop;
        this.files = files;
        this.store = store;
        this.parserOf = parserOf;
        this.otherwise = otherwise;
        this.parsed = parsed;
        this.misses = misses;
    }

    /**
     * Chooses for one handshake.
     *
     * @param asked as the client wrote it, null when it did not
     * @param then called once, perhaps before this method returns; what it is given is to be used within the call
     */
    public void choose(@Nullable String asked, Consumer<T> then) {
        assert loop.inEventLoop();
        ServerName name = ServerName.of(asked);
        if (name == null) {
            then.accept(otherwise);
        } else {
            new Choice(name, then).begin();
        }
    }

    /** One handshake's way from one source to the next. */
    private final class Choice implements CertificateStore.ReadCallback {

        private final ServerName name;
        private @Nullable Consumer<T> then;
        private @Nullable Future<?> patience;

        Choice(ServerName name, Consumer<T> then) {
            this.name = name;
            this.then = then;
        }

        void begin() {
            tryFile(files.exact(name), this::askStore);
            if (patience == null) {
                waitNoLongerThan(LONGEST_PARSING);
            }
        }

        private void waitNoLongerThan(Duration longest) {
            if (patience != null) {
                patience.cancel(false);
            }
            if (then != null) {
                patience = loop.schedule(this::takeWhatIsThere, longest.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        private void tryFile(@Nullable FileCertificate<T> file, Runnable otherwise) {
            if (file == null) {
                otherwise.run();
            } else {
                parsed.get(file.label(), file.label(), file.parser(), found -> answerOr(found, otherwise));
            }
        }

        private void askStore() {
            if (store == null) {
                found(new Stored.Nothing(), new Stored.Nothing());
            } else if (!parsed.knows(name.name()) && !misses.allows()) {
                tellFlood();
                unavailable("too many names");
            } else {
                waitNoLongerThan(LONGEST_WAIT);
                store.read(name, this);
            }
        }

        @Override
        public void found(Stored exact, Stored wildcard) {
            if (exact instanceof Stored.Nothing) {
                misses.miss();
            }
            tryStored(
                    name.name(),
                    exact,
                    () -> tryFile(files.wildcard(name), () -> {
                        if (name.wildcard() == null) {
                            answer(otherwise);
                        } else {
                            tryStored(name.wildcard(), wildcard, () -> answer(otherwise));
                        }
                    }));
            waitNoLongerThan(LONGEST_PARSING);
        }

        private void tryStored(String key, Stored stored, Runnable otherwise) {
            if (stored instanceof Stored.Pair pair) {
                parsed.get(key, pair.pem(), parserOf.apply(pair.pem()), found -> answerOr(found, otherwise));
            } else if (stored instanceof Stored.Unusable unusable) {
                answerOr(parsed.unusable(key, unusable.reason()), otherwise);
            } else {
                parsed.forget(key);
                otherwise.run();
            }
        }

        /** The store has logged why. */
        @Override
        public void unavailable(String reason) {
            answerOr(parsed.lastGood(name.name()), () -> tryFile(files.wildcard(name), this::takeWhatIsThere));
        }

        /** Answers without waiting for anything. */
        private void takeWhatIsThere() {
            FileCertificate<T> file = files.wildcard(name);
            T exact = parsed.lastGood(name.name());
            T fromFile = file == null ? null : parsed.lastGood(file.label());
            T wildcard = name.wildcard() == null ? null : parsed.lastGood(name.wildcard());
            answer(exact != null ? exact : fromFile != null ? fromFile : wildcard != null ? wildcard : otherwise);
        }

        private void answerOr(@Nullable T found, Runnable otherwise) {
            if (found == null) {
                otherwise.run();
            } else {
                answer(found);
            }
        }

        /** What comes after the first answer, because time ran out, has only made what is known fresher. */
        private void answer(T chosen) {
            Consumer<T> waiting = then;
            if (waiting != null) {
                then = null;
                if (patience != null) {
                    patience.cancel(false);
                }
                waiting.accept(chosen);
            }
        }
    }

    private void tellFlood() {
        if (!floodTold) {
            floodTold = true;
            LOG.warn("too many names without a certificate of their own are asked for:"
                    + " new ones are not looked up until the second is over (told once)");
        }
    }
}
