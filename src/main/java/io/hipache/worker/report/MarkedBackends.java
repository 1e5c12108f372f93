package io.hipache.worker.report;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The backends that a worker has marked dead and that have not answered since. Confined to the event loop. */
final class MarkedBackends {
    /** With more of them, the oldest marks are forgotten: nobody hears when these backends answer again. */
    private static final int MOST = 1_000;

    private record Marked(String frontend, String url) {
        /** Written out, see "Records" in CONTRIBUTING.md. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Marked that && frontend.equals(that.frontend) && url.equals(that.url);
        }

        @Override
        public int hashCode() {
            return 31 * frontend.hashCode() + url.hashCode();
        }
    }

    private final Set<Marked> marked = new LinkedHashSet<>();

    void add(String frontend, String url) {
        if (marked.size() >= MOST) {
            marked.remove(marked.iterator().next());
        }
        marked.add(new Marked(frontend, url));
    }

    /** Whether this is the first answer of a backend since it was marked. */
    boolean hasRevived(ExchangeEnd end) {
        if (marked.isEmpty() || !end.hadBackend() || end.status() >= 500) {
            return false;
        }
        AttemptOutcome last = end.lastAttempt();
        return last.reason() == EndReason.ANSWERED && marked.remove(new Marked(end.frontendKey(), last.backendUrl()));
    }
}
