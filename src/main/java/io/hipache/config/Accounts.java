package io.hipache.config;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The users and groups of this machine. */
interface Accounts {

    /**
     * The fields of one line of a database; null when there is no such line.
     *
     * @param database {@code passwd} or {@code group}
     * @param key a name or a number
     * @throws IOException when the database cannot be read
     */
    @Nullable
    List<String> entry(String database, String key) throws IOException;
}
