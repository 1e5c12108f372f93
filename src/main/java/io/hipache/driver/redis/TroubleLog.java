package io.hipache.driver.redis;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/**
 * Keeps trouble that many requests meet from filling the log. {@link #report} and {@link #recovered} log one line when a
 * server begins to fail and one when it works again. {@link #reportSubject} logs trouble with one host, once in a while.
 */
public final class TroubleLog {

    /** Different kinds of trouble that are logged before the server works again. */
    private static final int MAX_KINDS = 8;

    private static final int MAX_SUBJECTS = 1_000;
    private static final Duration SUBJECT_SILENCE = Duration.ofHours(1);

    private final Logger log;
    private final long calmNanos;
    private final long subjectSilenceNanos;
    private final Set<String> reportedKinds = new HashSet<>();
    private final Map<String, Long> subjectLoggedAt = new LinkedHashMap<>();
    private long lastTroubleNanos;

    /**
     * Logs each subject once an hour at most.
     *
     * @param calm how long there must be no trouble before a recovery is logged; trouble that comes and goes within this
     *     time is one trouble
     */
    public TroubleLog(Logger log, Duration calm) {
        this(log, calm, SUBJECT_SILENCE);
    }

    TroubleLog(Logger log, Duration calm, Duration subjectSilence) {
        this.log = log;
        this.calmNanos = calm.toNanos();
        this.subjectSilenceNanos = subjectSilence.toNanos();
    }

    /**
     * Logs each kind of trouble once, until {@link #recovered} is logged.
     *
     * @param error its first word is its kind, as in {@code LOADING Redis is loading…}
     */
    public void report(String what, String error) {
        lastTroubleNanos = System.nanoTime();
        int space = error.indexOf(' ');
        String kind = space < 0 ? error : error.substring(0, space);
        if (reportedKinds.size() < MAX_KINDS && reportedKinds.add(kind)) {
            log.warn("{}: {}", what, error);
        }
    }

    /** Logs the line if trouble was reported before. Cheap when there was none. */
    public void recovered(String line) {
        if (!reportedKinds.isEmpty() && System.nanoTime() - lastTroubleNanos > calmNanos) {
            reportedKinds.clear();
            log.info(line);
        }
    }

    /** Logs the line unless a line about the same subject was logged recently. Remembers a bounded number of subjects. */
    public void reportSubject(String subject, String line) {
        long now = System.nanoTime();
        Long last = subjectLoggedAt.get(subject);
        if (last != null && now - last < subjectSilenceNanos) {
            return;
        }
        if (last == null && subjectLoggedAt.size() >= MAX_SUBJECTS) {
            subjectLoggedAt.remove(subjectLoggedAt.keySet().iterator().next());
        }
        subjectLoggedAt.put(subject, now);
        log.warn(line);
    }
}
