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

    /** Lines about subjects that may follow each other at once. Then there is one a second: tenants write what they are about. */
    private static final int MAX_SUBJECT_LINES = 10;

    private static final long SUBJECT_LINE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Logger log;
    private final long calmNanos;
    private final long subjectSilenceNanos;
    private final Set<String> reportedKinds = new HashSet<>();
    private final Map<String, Long> subjectLoggedAt = new LinkedHashMap<>();
    private long lastTroubleNanos;
    private final int maxSubjectLines;
    private int subjectLines;
    private long subjectLinesNanos = System.nanoTime();

    /**
     * Logs each subject once an hour at most.
     *
     * @param calm how long there must be no trouble before a recovery is logged; trouble that comes and goes within this
     *     time is one trouble
     */
    public TroubleLog(Logger log, Duration calm) {
        this(log, calm, SUBJECT_SILENCE, MAX_SUBJECT_LINES);
    }

    TroubleLog(Logger log, Duration calm, Duration subjectSilence, int maxSubjectLines) {
        this.log = log;
        this.calmNanos = calm.toNanos();
        this.subjectSilenceNanos = subjectSilence.toNanos();
        this.maxSubjectLines = maxSubjectLines;
        this.subjectLines = maxSubjectLines;
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

    /**
     * Logs the line unless a line about the same subject was logged recently, or there were too many about other subjects.
     * Remembers a bounded number of subjects.
     */
    public void reportSubject(String subject, String line) {
        long now = System.nanoTime();
        Long last = subjectLoggedAt.get(subject);
        if ((last != null && now - last < subjectSilenceNanos) || !hasSubjectLine(now)) {
            return;
        }
        if (last == null && subjectLoggedAt.size() >= MAX_SUBJECTS) {
            subjectLoggedAt.remove(subjectLoggedAt.keySet().iterator().next());
        }
        subjectLoggedAt.put(subject, now);
        log.warn(line);
    }

    private boolean hasSubjectLine(long now) {
        long earned = (now - subjectLinesNanos) / SUBJECT_LINE_NANOS;
        if (earned > 0) {
            subjectLines = (int) Math.min(maxSubjectLines, subjectLines + earned);
            subjectLinesNanos += earned * SUBJECT_LINE_NANOS;
        }
        if (subjectLines == 0) {
            return false;
        }
        subjectLines--;
        return true;
    }
}
