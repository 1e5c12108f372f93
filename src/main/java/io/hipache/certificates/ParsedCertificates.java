package io.hipache.certificates;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the parsed certificates of the names that were asked for last. A new certificate is parsed once, on another thread.
 * When it cannot be used, the last good one of the name stays in use. Confined to the event loop.
 *
 * @param <T> a certificate in the form that TLS uses
 */
final class ParsedCertificates<T> {

    private static final Logger LOG = LoggerFactory.getLogger(ParsedCertificates.class);

    /** Texts of certificates that are kept, to see whether they have changed. Those of 1,000 usual names take a third of it. */
    private static final long MAX_KEPT_LENGTH = 24 << 20;

    /** Texts of certificates that wait for the parser. */
    private static final long MAX_WAITING_LENGTH = 8 << 20;

    /** Lines about unusable certificates in one second. The store is written by tenants. */
    private static final int LINES_PER_SECOND = 5;

    private final EventLoop loop;
    private final Executor executor;
    private final Consumer<T> discard;
    private final int size;
    private final MissBudget lines = new MissBudget(LINES_PER_SECOND, System::nanoTime);
    private long keptLength;
    private long waitingLength;
    private final Map<String, Entry<T>> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * An empty one.
     *
     * @param executor runs the parser, which takes milliseconds; rejects a task when too many are waiting
     * @param discard frees a certificate that is not handed out any more
     * @param size the number of names to keep, at least 1
     */
    ParsedCertificates(EventLoop loop, Executor executor, Consumer<T> discard, int size) {
        this.loop = loop;
        this.executor = executor;
        this.discard = discard;
        this.size = size;
    }

    /** The certificate of one name. */
    private static final class Entry<T> {
        /** The content of {@link #good}. */
        private @Nullable Object content;

        private @Nullable T good;

        /** The content that could not be used last, or the reason why there is no content. Logged once. */
        private @Nullable Object bad;

        private @Nullable Parsing<T> parsing;

        private long length() {
            return ParsedCertificates.length(content) + ParsedCertificates.length(bad);
        }
    }

    private static long length(@Nullable Object content) {
        return content instanceof PemPair pair ? pair.length() : 0;
    }

    /** One run of the parser, and the callbacks that wait for it. */
    private static final class Parsing<T> {
        private final Object content;
        private final CertificateParser<T> parser;
        private final List<Consumer<@Nullable T>> waiting = new ArrayList<>(1);

        Parsing(Object content, CertificateParser<T> parser, Consumer<@Nullable T> first) {
            this.content = content;
            this.parser = parser;
            waiting.add(first);
        }

        void answer(@Nullable T parsed) {
            waiting.forEach(callback -> callback.accept(parsed));
        }
    }

    boolean knows(String name) {
        return entries.containsKey(name);
    }

    /** The last certificate of a name that could be used, null when there is none. */
    @Nullable
    T lastGood(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null ? null : entry.good;
    }

    /** Forgets a name that has no certificate any more. */
    void forget(String name) {
        Entry<T> entry = entries.remove(name);
        if (entry != null) {
            drop(entry);
        }
    }

    /** Forgets all names. What is still being parsed is discarded as soon as it has been handed out. */
    void close() {
        entries.values().forEach(this::drop);
        entries.clear();
    }

    private void drop(Entry<T> entry) {
        keptLength -= entry.length();
        entry.bad = null;
        discardGood(entry);
    }

    /** Logs that the store has something unusable under a name. Returns the last good certificate, which stays in use. */
    @Nullable
    T unusable(String name, String reason) {
        Entry<T> entry = entry(name);
        setBad(name, entry, reason, reason);
        return entry.good;
    }

    /**
     * Gets the certificate of a name; parses it unless that has been done.
     *
     * @param content another content than last time means that the certificate has changed
     * @param callback called once, perhaps before this method returns: with the certificate, or with the last good one when
     *     this one cannot be used, or with null when there is none. May use the certificate within the call only
     */
    void get(String name, Object content, CertificateParser<T> parser, Consumer<@Nullable T> callback) {
        Entry<T> entry = entry(name);
        Parsing<T> parsing = entry.parsing;
        if (content.equals(entry.content)) {
            keptLength -= length(entry.bad);
            entry.bad = null;
            callback.accept(entry.good);
        } else if (content.equals(entry.bad)) {
            callback.accept(entry.good);
        } else if (parsing != null && content.equals(parsing.content)) {
            parsing.waiting.add(callback);
        } else {
            parse(name, entry, new Parsing<>(content, parser, callback));
        }
    }

    private Entry<T> entry(String name) {
        Entry<T> entry = entries.computeIfAbsent(name, absent -> new Entry<>());
        var eldest = entries.values().iterator();
        while (entries.size() > size || (keptLength > MAX_KEPT_LENGTH && entries.size() > 1)) {
            drop(eldest.next());
            eldest.remove();
        }
        return entry;
    }

    private void parse(String name, Entry<T> entry, Parsing<T> parsing) {
        try {
            if (waitingLength > MAX_WAITING_LENGTH) {
                throw new RejectedExecutionException("too many certificates wait for the parser");
            }
            executor.execute(() -> parseOffLoop(name, entry, parsing));
            waitingLength += length(parsing.content);
            entry.parsing = parsing;
        } catch (RejectedExecutionException e) {
            parsing.answer(entry.good);
        }
    }

    private void parseOffLoop(String name, Entry<T> entry, Parsing<T> parsing) {
        T parsed = null;
        String reason = "";
        try {
            parsed = parsing.parser.parse();
        } catch (UnusableCertificateException e) {
            reason = e.getMessage();
        } catch (Throwable e) {
            // the message is not logged: it may contain parts of the key
            reason = e.getClass().getSimpleName();
        }
        T result = parsed;
        String why = reason;
        try {
            loop.execute(() -> parsed(name, entry, parsing, result, why));
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the certificate was parsed, but the worker has ended", name);
        }
    }

    private void parsed(String name, Entry<T> entry, Parsing<T> parsing, @Nullable T result, String why) {
        waitingLength -= length(parsing.content);
        boolean latest = entry.parsing == parsing && entries.get(name) == entry;
        if (latest) {
            entry.parsing = null;
        }
        if (result == null) {
            if (latest) {
                setBad(name, entry, parsing.content, why);
            }
            parsing.answer(entry.good);
        } else if (latest) {
            replace(name, entry, parsing.content, result);
            parsing.answer(result);
        } else {
            parsing.answer(result);
            discard.accept(result);
        }
    }

    private void replace(String name, Entry<T> entry, Object content, T result) {
        if (entry.good != null) {
            LOG.info("{}: its certificate has changed, the new one is in use", name);
        }
        keptLength -= entry.length();
        discardGood(entry);
        entry.content = content;
        entry.good = result;
        entry.bad = null;
        keptLength += entry.length();
    }

    private void setBad(String name, Entry<?> entry, Object bad, String reason) {
        if (bad.equals(entry.bad)) {
            return;
        }
        keptLength += length(bad) - length(entry.bad);
        entry.bad = bad;
        if (lines.allows()) {
            lines.miss();
            LOG.warn(
                    "{}: its certificate cannot be used, {}: {}",
                    name,
                    entry.good == null ? "a wildcard's or the default one is shown" : "the previous one stays in use",
                    reason);
        }
    }

    private void discardGood(Entry<T> entry) {
        T good = entry.good;
        if (good != null) {
            discard.accept(good);
        }
        entry.good = null;
        entry.content = null;
    }
}
