package io.hipache.frontends;

import io.hipache.store.StoreConnection;

/** What is said about a key that holds something else than it should. Only an administrator can know what to do with its value. */
public final class WrongType {

    private WrongType() {}

    /** A frontend, by its name. */
    public static String list(StoreConnection store, String name) {
        return list(store.keys().frontend(name));
    }

    /** A frontend, by its key. */
    static String list(String key) {
        return key + " is not a list; delete it (" + deletion(key) + ") and write it again";
    }

    /** Marks of dead backends. */
    static String set(String key) {
        return "the Redis key " + key + " is not a set; delete it (" + deletion(key) + ")";
    }

    /** The command that deletes a key, as a shell reads it. */
    static String deletion(String key) {
        boolean plain = key.matches("[A-Za-z0-9:._-]+");
        return "redis-cli del " + (plain ? key : "'" + key.replace("'", "'\\''") + "'");
    }
}
