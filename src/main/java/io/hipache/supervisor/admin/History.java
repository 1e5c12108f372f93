package io.hipache.supervisor.admin;

import io.hipache.figures.Figures;
import io.hipache.figures.StatusClass;
import io.hipache.figures.Timing;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The traffic of the last hour, in points of five seconds. Not for several threads at a time. */
final class History {
    static final long STEP_MILLIS = 5_000;
    static final int POINTS = 720;

    /**
     * The traffic of one step.
     *
     * @param millis its end, in milliseconds since the epoch
     * @param seconds the sum of the times that its requests took
     */
    record Point(long millis, Map<StatusClass, Long> requests, double seconds) {}

    private final LongSupplier millisClock;
    private final Deque<Point> points = new ArrayDeque<>();
    private final Map<StatusClass, Long> step = new EnumMap<>(StatusClass.class);
    private double seconds;
    private long end;

    History(LongSupplier millisClock) {
        this.millisClock = millisClock;
        this.end = endAfter(millisClock.getAsLong());
    }

    private static long endAfter(long millis) {
        return (millis / STEP_MILLIS + 1) * STEP_MILLIS;
    }

    /** Adds what a worker has counted just now. */
    void add(Figures report) {
        advance();
        report.requests()
                .forEach((listener, protocol, status, reason, number) -> step.merge(status, number, Long::sum));
        seconds += report.times(Timing.REQUEST).sumSeconds();
    }

    private void advance() {
        long now = millisClock.getAsLong();
        if (now < end) {
            return;
        }
        points.add(new Point(end, Map.copyOf(step), seconds));
        step.clear();
        seconds = 0;
        end = endAfter(now);
        while (points.size() > POINTS || points.getFirst().millis() < now - POINTS * STEP_MILLIS) {
            points.removeFirst();
        }
    }

    /** The oldest first. Steps without a report have no point. */
    List<Point> points() {
        advance();
        return List.copyOf(points);
    }
}
