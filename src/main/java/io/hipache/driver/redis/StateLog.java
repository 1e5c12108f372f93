package io.hipache.driver.redis;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;

/**
 * Logs that something goes wrong, and that it goes well again, once each, however many requests meet it. Trouble that
 * comes and goes within moments is one trouble.
 */
public final class StateLog {

    /** Kinds of trouble told apart at a time. */
    private static final int MAX_KINDS = 8;

    private final Logger log;
    private final long calmNanos;
    private final Set<String> told = new HashSet<>();
    private long lastTroubleNanos;

    /**
     * Logs the state of one thing.
     *
     * @param calm how long it must have gone well to be worth a line
     */
    public StateLog(Logger log, Duration calm) {
        this.log = log;
        this.calmNanos = calm.toNanos();
    }

    /**
     * Logs a kind of trouble once.
     *
     * @param error its first word is its kind, as in {@code LOADING Redis is loading…}
     */
    public void trouble(String what, String error) {
        lastTroubleNanos = System.nanoTime();
        int space = error.indexOf(' ');
        String kind = space < 0 ? error : error.substring(0, space);
        if (told.size() < MAX_KINDS && told.add(kind)) {
            log.warn("{}: {}", what, error);
        }
    }

    /** Cheap while there was no trouble. */
    public void well(String line) {
        if (!told.isEmpty() && System.nanoTime() - lastTroubleNanos > calmNanos) {
            told.clear();
            log.info(line);
        }
    }
}
