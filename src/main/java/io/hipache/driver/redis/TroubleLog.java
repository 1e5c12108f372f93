package io.hipache.driver.redis;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/** Logs what could repeat with every request once in a while, for a bounded number of subjects. */
public final class TroubleLog {

    private static final int MAX_SUBJECTS = 1_000;

    private final Logger log;
    private final long silenceNanos;
    private final Map<String, Long> loggedAt = new LinkedHashMap<>();

    public TroubleLog(Logger log, Duration silence) {
        this.log = log;
        this.silenceNanos = silence.toNanos();
    }

    /** Logs a line unless one about the same subject went out lately. */
    public void log(String subject, String line) {
        long now = System.nanoTime();
        Long last = loggedAt.get(subject);
        if (last != null && now - last < silenceNanos) {
            return;
        }
        if (last == null && loggedAt.size() >= MAX_SUBJECTS) {
            loggedAt.remove(loggedAt.keySet().iterator().next());
        }
        loggedAt.put(subject, now);
        log.warn(line);
    }
}
