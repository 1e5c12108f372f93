package io.hipache.figures;

import io.hipache.outcome.AttemptOutcome;
import java.util.concurrent.TimeUnit;

/** What was counted of the attempts on one backend of a host. Not for several threads at a time. */
public final class BackendCounts implements Counts<BackendCounts> {
    private final Histogram firstBytes = new Histogram();
    private final Histogram departures = new Histogram();
    private long attempts;
    private long failures;
    private long weight;

    /**
     * How much an attempt weighs: 1, and 1 more for each millisecond that its request waited. So among many backends the slow
     * ones keep their rows.
     */
    static long weight(AttemptOutcome attempt) {
        long waited = attempt.firstByteNanos() == 0 ? attempt.totalNanos() : firstByteNanos(attempt);
        return 1 + TimeUnit.NANOSECONDS.toMillis(Math.max(0, waited));
    }

    private static long firstByteNanos(AttemptOutcome attempt) {
        return attempt.connectNanos() + attempt.firstByteNanos();
    }

    void count(AttemptOutcome attempt, long weighs, boolean failed) {
        attempts++;
        failures += failed ? 1 : 0;
        weight += weighs;
        if (attempt.firstByteNanos() > 0) {
            firstBytes.count(firstByteNanos(attempt));
        }
    }

    /** The client of a request has left while it waited for this backend, so long after its request. */
    void countDeparture(long nanos) {
        departures.count(nanos);
    }

    /** Attempts, those that failed included. */
    public long attempts() {
        return attempts;
    }

    /** Attempts that failed, and answers with a 5xx. */
    public long failures() {
        return failures;
    }

    /** From the beginning of the connection, or from the request on an open one, to the head of the answer. */
    public Histogram firstBytes() {
        return firstBytes;
    }

    /** From the request to the moment when its client left without an answer. */
    public Histogram departures() {
        return departures;
    }

    @Override
    public void add(BackendCounts more) {
        firstBytes.add(more.firstBytes);
        departures.add(more.departures);
        attempts = Sums.of(attempts, more.attempts);
        failures = Sums.of(failures, more.failures);
        weight = Sums.of(weight, more.weight);
    }

    @Override
    public void clear() {
        firstBytes.clear();
        departures.clear();
        attempts = 0;
        failures = 0;
        weight = 0;
    }

    @Override
    public void decay() {
        // has no rows
    }

    @Override
    public long weight() {
        return weight;
    }

    @Override
    public void write(FigureWriter out, int room) {
        firstBytes.write(out);
        departures.write(out);
        out.number(attempts);
        out.number(failures);
        out.number(weight);
    }

    @Override
    public void read(FigureReader in) throws MalformedFiguresException {
        firstBytes.read(in);
        departures.read(in);
        attempts = Sums.of(attempts, in.number());
        failures = Sums.of(failures, in.number());
        weight = Sums.of(weight, in.number());
    }
}
