package io.hipache.driver.copy;

import java.util.concurrent.TimeUnit;

/** What the supervisor was told of one name, so that it is told no more often than it must be. Confined to the event loop. */
final class Reported {

    /** What has not changed is told again after this time, because the supervisor keeps the time as well. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What the supervisor was told. */
    enum As {
        NOTHING,
        KNOWN,
        FORGOTTEN
    }

    private As as = As.NOTHING;
    private long nanos;

    /** Whether it is to be told now. */
    boolean isDue(As wanted, boolean changed, long now) {
        if (changed) {
            as = As.NOTHING;
        }
        return as != wanted || now - nanos >= AGAIN_NANOS;
    }

    /** What was told so is to be told again, because it was true until now. */
    boolean isDueAgain(As told, long now) {
        return as == told && isDue(told, false, now);
    }

    void told(As what, long now) {
        as = what;
        nanos = now;
    }
}
