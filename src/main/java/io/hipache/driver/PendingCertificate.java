package io.hipache.driver;

import io.hipache.certificates.CertificateStore.ReadCallback;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
import io.hipache.driver.copy.CertificateCopy;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The look-up of one name and its wildcard, for all handshakes of one turn of the event loop that ask for the name. */
final class PendingCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(PendingCertificate.class);

    private final ServerName name;
    private final long deadlineNanos;
    private final Predicate<PendingCertificate> answered;
    private final @Nullable StoreCopy copy;
    private final List<ReadCallback> callbacks = new ArrayList<>(1);
    private int timesSent;
    private int connection;
    private long sentNanos;
    private int missingReplies;
    private Stored exact = new Stored.Nothing();
    private Stored wildcard = new Stored.Nothing();
    private @Nullable String error;

    /**
     * @param answered called when all replies are there, before the callbacks. Says whether they are to be called: it may
     *     ask again instead
     * @param copy hears each reply, null for none
     */
    PendingCertificate(
            ServerName name, long deadlineNanos, Predicate<PendingCertificate> answered, @Nullable StoreCopy copy) {
        this.copy = copy;
        this.name = name;
        this.deadlineNanos = deadlineNanos;
        this.answered = answered;
    }

    /** This one answers the callbacks of another one too. */
    void join(PendingCertificate other) {
        callbacks.addAll(other.callbacks);
        other.callbacks.clear();
    }

    ServerName name() {
        return name;
    }

    /** When everybody who waits for this has given up. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    int timesSent() {
        return timesSent;
    }

    void add(ReadCallback callback) {
        callbacks.add(callback);
    }

    /** Why there is no answer, null when there is one. */
    @Nullable
    String error() {
        return error;
    }

    RedisCommand command(RedisLink link, RedisKeys keys) {
        timesSent++;
        connection = link.number();
        sentNanos = System.nanoTime();
        error = null;
        String exactHash = keys.tls(name.name());
        String second = name.wildcard();
        List<String> hashes = second == null ? List.of(exactHash) : List.of(exactHash, keys.tls(second));
        missingReplies = hashes.size();
        return new CertificateCommand(link, hashes, this::replied);
    }

    private void replied(int which, Stored stored, @Nullable String failure) {
        if (which == 0) {
            exact = stored;
            learn(name.name(), stored, failure);
        } else {
            wildcard = stored;
            learn(String.valueOf(name.wildcard()), stored, failure);
        }
        error = error == null ? failure : error;
        if (--missingReplies == 0 && answered.test(this)) {
            answerAll();
        }
    }

    /** At once, and not when both are there: without scripts, a change may be told between them. */
    private void learn(String learned, Stored stored, @Nullable String failure) {
        if (copy != null && failure == null) {
            copy.learned(learned, stored, connection, sentNanos);
        }
    }

    /** Answers with what is in memory. A reply that comes later finds nobody who waits. */
    void found(CertificateCopy.Both known) {
        error = null;
        exact = known.exact();
        wildcard = known.wildcard();
        answerAll();
    }

    /** Ends without having been sent. */
    void unavailable(String reason) {
        error = reason;
        answerAll();
    }

    private void answerAll() {
        List<ReadCallback> waiting = List.copyOf(callbacks);
        callbacks.clear();
        for (ReadCallback callback : waiting) {
            try {
                answer(callback);
            } catch (Throwable e) {
                // a callback that throws must not keep the others from their answers
                LOG.error("The answer to a certificate's look-up caused an unexpected error", e);
            }
        }
    }

    private void answer(ReadCallback callback) {
        if (error == null) {
            callback.found(exact, wildcard);
        } else {
            callback.unavailable(error);
        }
    }
}
