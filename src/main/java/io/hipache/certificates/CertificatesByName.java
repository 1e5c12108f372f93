package io.hipache.certificates;

import io.hipache.certificates.CertificateStore.Stored;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    /** Names of which nothing is known that the store may be asked for in a second. */
    private static final int MISSES_PER_SECOND = 2_000;

    /** What a handshake waits for the store and for the parser, together. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final NameIndex<FileCertificate> files;
    private final @Nullable CertificateStore store;
    private final T otherwise;
    private final ParsedCertificates<T> parsed;
    private final MissBudget misses;
    private final long longestWaitNanos;
    private boolean floodTold;

    /**
     * For listeners that have everything but the name in common.
     *
     * @param store null when it is not to be asked
     * @param otherwise for a name without a certificate, and for clients that ask for none
     * @param executor runs what takes milliseconds, and refuses it when too much is waiting
     * @param discard frees what is not handed out any more
     */
    public CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate> files,
            @Nullable CertificateStore store,
            T otherwise,
            Executor executor,
            CertificateParser<T> parser,
            Consumer<T> discard) {
        this(
                loop,
                files,
                store,
                otherwise,
                new ParsedCertificates<>(loop, executor, parser, discard, SIZE),
                new MissBudget(MISSES_PER_SECOND, System::nanoTime),
                LONGEST_WAIT);
    }

    CertificatesByName(
            EventLoop loop,
            NameIndex<FileCertificate> files,
            @Nullable CertificateStore store,
            T otherwise,
            ParsedCertificates<T> parsed,
            MissBudget misses,
            Duration longestWait) {
        this.loop = loop;
        this.files = files;
        this.store = store;
        this.otherwise = otherwise;
        this.parsed = parsed;
        this.misses = misses;
        this.longestWaitNanos = longestWait.toNanos();
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

    /** Names kept in the store do not meet those of files here: no host name has a slash. */
    private static String key(FileCertificate file) {
        return "file/" + file.label();
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
            if (then != null) {
                patience = loop.schedule(this::takeWhatIsThere, longestWaitNanos, TimeUnit.NANOSECONDS);
            }
        }

        private void tryFile(@Nullable FileCertificate file, Runnable otherwise) {
            if (file == null) {
                otherwise.run();
            } else {
                parsed.get(key(file), file.pem(), found -> answerOr(found, otherwise));
            }
        }

        private void askStore() {
            if (store == null) {
                found(new Stored.Nothing(), new Stored.Nothing());
            } else if (!isKnown() && !misses.allows()) {
                tellFlood();
                takeWhatIsThere();
            } else {
                store.read(name, this);
            }
        }

        private boolean isKnown() {
            return parsed.knows(name.name()) || (name.wildcard() != null && parsed.knows(name.wildcard()));
        }

        @Override
        public void found(Stored exact, Stored wildcard) {
            if (exact instanceof Stored.Nothing && wildcard instanceof Stored.Nothing) {
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
        }

        private void tryStored(String key, Stored stored, Runnable otherwise) {
            if (stored instanceof Stored.Pair pair) {
                parsed.get(key, pair.pem(), found -> answerOr(found, otherwise));
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
            FileCertificate file = files.wildcard(name);
            T exact = parsed.lastGood(name.name());
            T fromFile = file == null ? null : parsed.lastGood(key(file));
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
            LOG.warn("too many names without a certificate are asked for:"
                    + " new ones get the default without a look-up until the second is over (told once)");
        }
    }
}
