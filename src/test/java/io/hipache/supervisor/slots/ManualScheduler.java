package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scheduler whose clock the test moves. */
public final class ManualScheduler implements Scheduler {
    private record Entry(Duration due, Runnable task) {}

    private final List<Entry> entries = new ArrayList<>();
    private Duration now = Duration.ZERO;

    @Override
    public void run(Runnable task) {
        later(Duration.ZERO, task);
    }

    @Override
    public void later(Duration delay, Runnable task) {
        entries.add(new Entry(now.plus(delay), task));
    }

    Duration now() {
        return now;
    }

    /** Runs the tasks that are due now. */
    public void settle() {
        advance(Duration.ZERO);
    }

    public void advance(Duration time) {
        Duration end = now.plus(time);
        for (Entry next = next(end); next != null; next = next(end)) {
            entries.remove(next);
            now = next.due();
            next.task().run();
        }
        now = end;
    }

    private @Nullable Entry next(Duration end) {
        return entries.stream()
                .filter(entry -> entry.due().compareTo(end) <= 0)
                .min(Comparator.comparing(Entry::due))
                .orElse(null);
    }
}
