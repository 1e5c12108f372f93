package io.hipache.cli.store;

import io.hipache.config.HipacheConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the workers of this machine see of a host: pools, and the last failures. */
public interface WorkersView {

    /** Asks them. Fails never: the lines say why nobody answers. */
    Seen of(HipacheConfig config, String host);

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
