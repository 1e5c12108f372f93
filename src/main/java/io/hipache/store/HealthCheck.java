package io.hipache.store;

import io.hipache.store.StoreException.Kind;
import io.lettuce.core.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What planb and tsuru say about the checks of a host: the hash {@code healthcheck:<host>}.
 *
 * @param path of the request, with a slash in front and without anything that could end the request line
 * @param status that is expected, 0 for any below 500
 * @param body a text that the beginning of the body must have, null for any body
 */
public record HealthCheck(String path, int status, @Nullable String body) {

    private static final int LONGEST_PATH = 2_048;

    /** The hash of a name; null where there is none, where it is no hash, or where it may not be read. */
    public static @Nullable HealthCheck read(StoreConnection store, String name) throws StoreException {
        List<KeyValue<String, String>> fields;
        try {
            fields = store.read(commands -> commands.hmget(store.keys().healthCheck(name), "path", "status", "body"));
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE || e.kind() == Kind.FORBIDDEN) {
                return null;
            }
            throw e;
        }
        if (fields.stream().noneMatch(KeyValue::hasValue)) {
            return null;
        }
        String status = fields.get(1).getValueOrElse("").strip();
        String body = fields.get(2).getValueOrElse("");
        return new HealthCheck(
                path(fields.get(0).getValueOrElse("/")),
                status.matches("[1-5]\\d\\d") ? Integer.parseInt(status) : 0,
                body.isEmpty() ? null : body);
    }

    /** Whoever writes the store must not be able to write a second request. */
    private static String path(String written) {
        boolean clean = written.length() <= LONGEST_PATH && written.chars().allMatch(c -> c > ' ' && c < 127);
        if (!clean || written.isEmpty()) {
            return "/";
        }
        return written.startsWith("/") ? written : "/" + written;
    }
}
