package io.hipache.frontends;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Frontends as a file describes them.
 *
 * @param frontends by their names, sorted
 */
public record FrontendFile(Map<String, Wanted> frontends) {

    public FrontendFile {
        frontends = new TreeMap<>(frontends);
    }

    /** One frontend: its identifier and its backends. */
    public record Wanted(String id, List<String> backends) {
        public Wanted {
            backends = List.copyOf(backends);
        }
    }
}
