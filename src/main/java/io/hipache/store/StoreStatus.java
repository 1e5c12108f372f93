package io.hipache.store;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the server that is asked for routes says about itself.
 *
 * @param micros how long one question takes, in microseconds
 * @param version null where this user may not ask for it
 * @param role {@code master} or {@code slave}, null where this user may not ask for it
 * @param keys the number of all keys of the database, null where this user may not ask for it
 */
public record StoreStatus(long micros, @Nullable String version, @Nullable String role, @Nullable Long keys) {

    /** Asks the server. */
    public static StoreStatus of(StoreConnection store) throws StoreException {
        // the first question connects
        store.<String>read(commands -> commands.ping());
        long start = System.nanoTime();
        store.<String>read(commands -> commands.ping());
        long micros = (System.nanoTime() - start) / 1_000;
        String info = allowed(() -> store.<String>read(commands -> commands.info()));
        Long keys = allowed(() -> store.<Long>read(commands -> commands.dbsize()));
        return new StoreStatus(micros, field(info, "redis_version:"), field(info, "role:"), keys);
    }

    private interface Question<T> {
        T ask() throws StoreException;
    }

    private static <T> @Nullable T allowed(Question<T> question) throws StoreException {
        try {
            return question.ask();
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.FORBIDDEN) {
                return null;
            }
            throw e;
        }
    }

    private static @Nullable String field(@Nullable String info, String name) {
        return info == null
                ? null
                : Stream.of(info.split("\r?\n", -1))
                        .filter(line -> line.startsWith(name))
                        .map(line -> line.substring(name.length()))
                        .findFirst()
                        .orElse(null);
    }
}
