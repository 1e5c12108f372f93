package io.hipache.testing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response as it was received on one stream of HTTP/2.
 *
 * @param fields the fields of the final head, as {@code name: value} and without {@code :status}
 * @param interim the statuses of the heads before the final one
 */
public record StreamResponse(
        int status, List<String> fields, String body, List<String> trailers, List<Integer> interim) {

    public @Nullable String header(String name) {
        return fields.stream()
                .filter(field -> field.startsWith(name + ": "))
                .map(field -> field.substring(name.length() + 2))
                .findFirst()
                .orElse(null);
    }
}
