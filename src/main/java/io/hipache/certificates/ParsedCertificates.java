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
 * Keeps what TLS is spoken with under each name, for the names that were asked for last. A pair is parsed once, on
 * another thread, when it is new; while the new one is of no use the last good one stays. Confined to the event loop.
 *
 * @param <T> what TLS is spoken with
 */
final class ParsedCertificates<T> {

    private static final Logger LOG = LoggerFactory.getLogger(ParsedCertificates.class);

    private final EventLoop loop;
    private final Executor executor;
    private final CertificateParser<T> parser;
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
    ParsedCertificates(EventLoop loop, Executor executor, CertificateParser<T> parser, Consumer<T> discard, int size) {
        this.loop = loop;
        this.executor = executor;
        this.parser = parser;
        this.discard = discard;
        this.size = size;
    }

    /** What is known of one name. */
    private static final class Entry<T> {
        private @Nullable PemPair pair;
        private @Nullable T good;
        /** The pair, or the reason why there is none, that was of no use last. */
        private @Nullable Object bad;

        private @Nullable Parsing<T> parsing;
    }

    /** One run of the parser, and who waits for it. */
    private static final class Parsing<T> {
        private final PemPair pair;
        private final List<Consumer<@Nullable T>> waiting = new ArrayList<>(1);

        Parsing(PemPair pair, Consumer<@Nullable T> first) {
            this.pair = pair;
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
     * Parses a pair, unless it is known.
     *
     * @param then called once, perhaps before this method returns: with the last good one when the pair is of no use,
     *     and null when there is none either. To be used within the call
     */
    void get(String name, PemPair pair, Consumer<@Nullable T> then) {
        Entry<T> entry = entry(name);
        Parsing<T> parsing = entry.parsing;
        if (pair.equals(entry.pair)) {
            entry.bad = null;
            then.accept(entry.good);
        } else if (pair.equals(entry.bad)) {
            then.accept(entry.good);
        } else if (parsing != null && pair.equals(parsing.pair)) {
            parsing.waiting.add(then);
        } else {
            parse(name, entry, new Parsing<>(pair, then));
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
            parsed = parser.parse(parsing.pair);
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
                complain(name, entry, parsing.pair, why);
            }
            parsing.answer(entry.good);
        } else if (latest) {
            renew(name, entry, parsing.pair, result);
            parsing.answer(result);
        } else {
            parsing.answer(result);
            discard.accept(result);
        }
    }

    private void renew(String name, Entry<T> entry, PemPair pair, T result) {
        if (entry.good != null) {
            LOG.info("{}: another certificate is in use", name);
        }
        discardGood(entry);
        entry.pair = pair;
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
        entry.pair = null;
    }
}
