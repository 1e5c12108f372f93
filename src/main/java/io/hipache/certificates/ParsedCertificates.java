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
 * Keeps what TLS is spoken with under each name, for the names that were asked for last. What is new is parsed, once, on
 * another thread; while the new one is of no use the last good one stays. Confined to the event loop.
 *
 * @param <T> what TLS is spoken with
 */
final class ParsedCertificates<T> {

    private static final Logger LOG = LoggerFactory.getLogger(ParsedCertificates.class);

    private final EventLoop loop;
    private final Executor executor;
    private final Consumer<T> discard;
    private final int size;
    private final Map<String, Entry<T>> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * An empty one.
     *
     * @param executor runs what takes milliseconds, and refuses it when too much is waiting
     * @param discard frees what is not handed out any more
     * @param size the number of names kept, at least 1
     */
    ParsedCertificates(EventLoop loop, Executor executor, Consumer<T> discard, int size) {
        this.loop = loop;
        this.executor = executor;
        this.discard = discard;
        this.size = size;
    }

    /** What is known of one name. */
    private static final class Entry<T> {
        private @Nullable Object content;
        private @Nullable T good;
        /** The content, or the reason why there is none, that was of no use last. */
        private @Nullable Object bad;

        private @Nullable Parsing<T> parsing;
    }

    /** One run of the parser, and who waits for it. */
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
            waiting.forEach(then -> then.accept(parsed));
        }
    }

    boolean knows(String name) {
        return entries.containsKey(name);
    }

    /** What was good under a name when it was read last, null when nothing was. */
    @Nullable
    T lastGood(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null ? null : entry.good;
    }

    /** There is nothing under a name any more. */
    void forget(String name) {
        Entry<T> entry = entries.remove(name);
        if (entry != null) {
            discardGood(entry);
        }
    }

    /** There is something under a name that is no pair; gives what was good before, which stays. */
    @Nullable
    T unusable(String name, String reason) {
        Entry<T> entry = entry(name);
        complain(name, entry, reason, reason);
        return entry.good;
    }

    /**
     * Parses a certificate, unless it is known.
     *
     * @param content by which a change is noticed
     * @param then called once, perhaps before this method returns: with the last good one when this one is of no use,
     *     and null when there is none either. To be used within the call
     */
    void get(String name, Object content, CertificateParser<T> parser, Consumer<@Nullable T> then) {
        Entry<T> entry = entry(name);
        Parsing<T> parsing = entry.parsing;
        if (content.equals(entry.content)) {
            entry.bad = null;
            then.accept(entry.good);
        } else if (content.equals(entry.bad)) {
            then.accept(entry.good);
        } else if (parsing != null && content.equals(parsing.content)) {
            parsing.waiting.add(then);
        } else {
            parse(name, entry, new Parsing<>(content, parser, then));
        }
    }

    private Entry<T> entry(String name) {
        Entry<T> entry = entries.computeIfAbsent(name, absent -> new Entry<>());
        if (entries.size() > size) {
            var eldest = entries.values().iterator();
            discardGood(eldest.next());
            eldest.remove();
        }
        return entry;
    }

    private void parse(String name, Entry<T> entry, Parsing<T> parsing) {
        try {
            executor.execute(() -> parseOffLoop(name, entry, parsing));
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
            // its message stays untold: nobody knows what of the key is in there
            reason = e.getClass().getSimpleName();
        }
        T result = parsed;
        String why = reason;
        try {
            loop.execute(() -> parsed(name, entry, parsing, result, why));
        } catch (RejectedExecutionException e) {
            // the worker has ended
            LOG.debug("{}: parsed in vain", name);
        }
    }

    private void parsed(String name, Entry<T> entry, Parsing<T> parsing, @Nullable T result, String why) {
        boolean latest = entry.parsing == parsing && entries.get(name) == entry;
        if (latest) {
            entry.parsing = null;
        }
        if (result == null) {
            if (latest) {
                complain(name, entry, parsing.content, why);
            }
            parsing.answer(entry.good);
        } else if (latest) {
            renew(name, entry, parsing.content, result);
            parsing.answer(result);
        } else {
            parsing.answer(result);
            discard.accept(result);
        }
    }

    private void renew(String name, Entry<T> entry, Object content, T result) {
        if (entry.good != null) {
            LOG.info("{}: another certificate is in use", name);
        }
        discardGood(entry);
        entry.content = content;
        entry.good = result;
        entry.bad = null;
    }

    private static void complain(String name, Entry<?> entry, Object bad, String reason) {
        if (!bad.equals(entry.bad)) {
            entry.bad = bad;
            LOG.warn(
                    "{}: its certificate is of no use, {}: {}",
                    name,
                    entry.good == null ? "another one is shown" : "the one before is kept",
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
