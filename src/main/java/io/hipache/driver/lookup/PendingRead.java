package io.hipache.driver.lookup;

import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One look-up from its request to its answer, of which there is one, be it that time ran out. */
final class PendingRead {

    private static final Logger LOG = LoggerFactory.getLogger(PendingRead.class);

    private final HostLookup lookup;
    private final long deadlineNanos;
    private @Nullable ReadCallback callback;

    PendingRead(HostLookup lookup, ReadCallback callback, long deadlineNanos) {
        this.lookup = lookup;
        this.callback = callback;
        this.deadlineNanos = deadlineNanos;
    }

    HostLookup lookup() {
        return lookup;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    boolean done() {
        return callback == null;
    }

    /** Answers, unless the look-up is done already: a late reply is dropped here. */
    void rows(Rows rows) {
        ReadCallback waiting = callback;
        if (waiting != null) {
            callback = null;
            answer(() -> waiting.rows(rows));
        }
    }

    void unavailable(String reason) {
        ReadCallback waiting = callback;
        if (waiting != null) {
            callback = null;
            answer(() -> waiting.unavailable(reason));
        }
    }

    /** A fault in what one answer sets off must not cost the others of a batch theirs. */
    private static void answer(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.error("A look-up's answer met a fault", e);
        }
    }
}
