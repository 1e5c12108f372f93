package io.hipache.functional;

import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** A subscriber of the channel {@code dead}, as an active checker is one. */
final class Announcements implements AutoCloseable {
    private final RespConnection connection;

    private Announcements(RespConnection connection) {
        this.connection = connection;
    }

    static Announcements listen(TestRedis redis) {
        RespConnection connection = redis.connect();
        connection.command("SUBSCRIBE", "dead");
        return new Announcements(connection);
    }

    /** The next message, waiting for it. */
    String next() throws IOException {
        List<?> push = (List<?>) Objects.requireNonNull(connection.read());
        return String.valueOf(push.get(2));
    }

    @Override
    public void close() {
        connection.close();
    }
}
