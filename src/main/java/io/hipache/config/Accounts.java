package io.hipache.config;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The users and groups of this machine. */
interface Accounts {

    /**
     * One line of a database, cut at its colons; null when there is none.
     *
     * @param database {@code passwd} or {@code group}
     * @param key a name or a number
     * @throws IOException when the database cannot be asked
     */
    @Nullable
    List<String> entry(String database, String key) throws IOException;
}
