package io.hipache.figures;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.ExchangeEnds;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Ends of requests for a host. */
final class Ends {
    static final String BACKEND = "http://10.0.0.1:80/";

    private Ends() {}

    static ExchangeEnd answered(String host, int status) {
        return of(host, status, EndReason.ANSWERED, List.of(attempt(EndReason.ANSWERED)));
    }

    static AttemptOutcome attempt(EndReason reason) {
        return new AttemptOutcome(BACKEND, 0, reason, 0, 0, millis(3), millis(4));
    }

    /** An attempt whose answer came so late, or never, after so long, with 0 for {@code firstByteMillis}. */
    static AttemptOutcome attempt(String backend, EndReason reason, long firstByteMillis, long totalMillis) {
        return new AttemptOutcome(backend, 0, reason, 0, 0, millis(firstByteMillis), millis(totalMillis));
    }

    static ExchangeEnd of(String host, int status, EndReason reason, List<AttemptOutcome> attempts) {
        return ExchangeEnds.of(host, status, reason, attempts, millis(2), millis(7));
    }

    static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
