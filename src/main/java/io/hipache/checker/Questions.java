package io.hipache.checker;

import io.hipache.probe.Question;
import io.hipache.store.HealthCheck;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a backend is to be asked: the hash {@code healthcheck:<host>} of planb and tsuru with the fields {@code path},
 * {@code status} and {@code body}, else the question of hipache-hchecker.
 */
final class Questions {

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
        HealthCheck check = HealthCheck.read(store, name);
        if (check == null) {
            return null;
        }
        String body = check.body();
        boolean bounded = body != null && body.length() <= LONGEST_BODY;
        return Question.get(check.path(), host(listing), check.status(), bounded ? body : null);
    }

    /** A wildcard is no host: where the requested one is not known, the backend is asked by its own name. */
    private static String host(Listing listing) {
        return listing.host().indexOf('*') >= 0 ? listing.authority() : listing.host();
    }
}
