package io.hipache.worker.report;

import io.hipache.admission.Limit;
import io.hipache.figures.BackendUse;
import io.hipache.figures.Count;
import io.hipache.figures.EnumCounts;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import java.util.List;

/** Takes what the parts of a worker have counted themselves since it began, and passes on by how much it has grown. */
public final class Meter {
    private final Figures figures;
    private final EnumCounts<Count> counts = new EnumCounts<>(Count.class);
    private final EnumCounts<Limit> limits = new EnumCounts<>(Limit.class);

    public Meter(Figures figures) {
        this.figures = figures;
    }

    public void set(Gauge gauge, long value) {
        figures.set(gauge, value);
    }

    /** Says on which backends something is under way. */
    public void use(List<BackendUse> backends) {
        figures.use(backends);
    }

    /**
     * Passes on by how much a number has grown.
     *
     * @param soFar since the worker began; less than before when the part that counts is another one
     */
    public void total(Count what, long soFar) {
        figures.count(what, grown(counts, what, soFar));
    }

    /** As {@link #total(Count, long)}. */
    public void total(Limit limit, long soFar) {
        figures.count(limit, grown(limits, limit, soFar));
    }

    private static <E extends Enum<E>> long grown(EnumCounts<E> totals, E which, long soFar) {
        long before = totals.get(which);
        totals.set(which, soFar);
        return soFar < before ? soFar : soFar - before;
    }
}
