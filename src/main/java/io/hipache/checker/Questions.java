package io.hipache.checker;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import io.lettuce.core.KeyValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a backend is to be asked: the hash {@code healthcheck:<host>} of planb and tsuru with the fields {@code path},
 * {@code status} and {@code body}, else the question of hipache-hchecker.
 */
final class Questions {

    private static final int LONGEST_PATH = 2_048;
    private static final int LONGEST_BODY = 4_096;

    private final StoreConnection store;
    private final Question usual;

    Questions(StoreConnection store, String usualPath) {
        this.store = store;
        this.usual = Question.usual(usualPath);
    }

    /** The host comes first, then the wildcard whose list has the backend. */
    Question about(Listing listing) throws StoreException {
        Set<String> names = new LinkedHashSet<>(List.of(listing.host(), listing.frontend()));
        for (String name : names) {
            Question question = configured(name, listing);
            if (question != null) {
                return question;
            }
        }
        return usual;
    }

    private @Nullable Question configured(String name, Listing listing) throws StoreException {
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
        return new Question(
                false,
                path(fields.get(0).getValueOrElse("/")),
                host(listing),
                status.matches("[1-5]\\d\\d") ? Integer.parseInt(status) : 0,
                body.isEmpty() || body.length() > LONGEST_BODY ? null : body);
    }

    /** A wildcard is no host: where the requested one is not known, the backend is asked by its own name. */
    private static String host(Listing listing) {
        return listing.host().indexOf('*') >= 0 ? listing.authority() : listing.host();
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
