package io.hipache.cli.store;

import io.hipache.config.HipacheConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the workers of this machine see of a host: pools, and the last failures. */
public interface WorkersView {

    /**
     * Asks them. Fails never: the lines say why nobody answers.
     *
     * @param host that is asked for, which has the marks
     * @param frontend whose list the host has, which has the counts
     * @param entries of that list, in its order
     */
    Seen of(HipacheConfig config, String host, String frontend, List<String> entries);

    /** Asks them about a host with a list of its own, or with none. */
    default Seen of(HipacheConfig config, String host) {
        return of(config, host, host, List.of());
    }

    /**
     * The answer.
     *
     * @param lines for people
     * @param json the same for programs, null when nobody was asked
     */
    record Seen(List<String> lines, @Nullable Object json) {
        public Seen {
            lines = List.copyOf(lines);
        }
    }
}
