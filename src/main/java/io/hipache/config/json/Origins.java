package io.hipache.config.json;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which values of a configuration come from environment variables, by the path of their key. Messages about such a value
 * name the variable, because the file does not have the value.
 */
public final class Origins {
    private final Map<String, Origin> origins = new TreeMap<>();

    /**
     * @param source what to look for, as in a message: {@code HIPACHE_SERVER_PORT} or {@code ${NAME}}
     * @param text the value before it was taken for a number or a list, for keys that hold a text
     */
    private record Origin(String source, String text) {}

    /** Notes where the value of a key comes from. What was noted about keys inside the value counts no more. */
    public void add(String path, String source, String text) {
        origins.keySet().removeIf(inner -> inner.startsWith(path + ".") || inner.startsWith(path + "["));
        origins.put(path, new Origin(source, text));
    }

    /** The variable that the value comes from, or that a value around it comes from. */
    public Optional<String> source(String path) {
        String at = path;
        while (!at.isEmpty()) {
            Origin origin = origins.get(at);
            if (origin != null) {
                return Optional.of(origin.source());
            }
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return Optional.empty();
    }

    /** The text of the variable that exactly this value comes from. */
    Optional<String> text(String path) {
        return Optional.ofNullable(origins.get(path)).map(Origin::text);
    }

    /** Every value with its variable. */
    List<String> all() {
        return origins.keySet().stream().map(this::labelled).toList();
    }

    /** A path as in messages: with the variable where there is one. */
    String labelled(String path) {
        return source(path).map(source -> path + " (" + source + ")").orElse(path);
    }
}
