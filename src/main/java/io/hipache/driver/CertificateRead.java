package io.hipache.driver;

import io.hipache.certificates.CertificateStore.ReadCallback;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.WireCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept for one name, asked for by all handshakes of one turn of the event loop that want it. */
final class CertificateRead {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateRead.class);

    private final Consumer<CertificateRead> answered;
    private final List<ReadCallback> callbacks = new ArrayList<>(1);
    private int replies;
    private Stored exact = new Stored.Nothing();
    private Stored wildcard = new Stored.Nothing();
    private @Nullable String error;

    /** @param answered told before those who asked */
    CertificateRead(Consumer<CertificateRead> answered) {
        this.answered = answered;
    }

    void add(ReadCallback callback) {
        callbacks.add(callback);
    }

    /** Why there is no answer, null when there is one. */
    @Nullable
    String error() {
        return error;
    }

    List<WireCommand> commands(RedisKeys keys, ServerName name) {
        WireCommand first = CertificateHash.command(keys.tls(name.name()), this::exact);
        String second = name.wildcard();
        if (second == null) {
            replies = 1;
            return List.of(first);
        }
        replies = 2;
        return List.of(first, CertificateHash.command(keys.tls(second), this::wildcard));
    }

    private void exact(Stored stored, @Nullable String failure) {
        exact = stored;
        heard(failure);
    }

    private void wildcard(Stored stored, @Nullable String failure) {
        wildcard = stored;
        heard(failure);
    }

    private void heard(@Nullable String failure) {
        error = error == null ? failure : error;
        if (--replies > 0) {
            return;
        }
        answered.accept(this);
        String reason = error;
        for (ReadCallback callback : callbacks) {
            try {
                if (reason == null) {
                    callback.found(exact, wildcard);
                } else {
                    callback.unavailable(reason);
                }
            } catch (RuntimeException e) {
                // a fault in what one answer sets off must not cost the others theirs
                LOG.error("A certificate's look-up met a fault", e);
            }
        }
    }
}
