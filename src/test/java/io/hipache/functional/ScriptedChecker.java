package io.hipache.functional;

import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;

/**
 * A stand-in of hipache-hchecker 0.2.4 that sends exactly its commands, each when the test says so: what its
 * {@code cache.go} and {@code check.go} do on the way from an announced death to a backend that is alive again. As the
 * program does, it takes the URL apart, cuts off the path, and marks nothing that {@code LINDEX} does not confirm.
 */
final class ScriptedChecker implements AutoCloseable {
    private static final String ID = "checker.example#4711";

    /** What an announcement asks to be watched; {@code url} is scheme, host and port only. */
    record Check(String frontend, String url, int index, int backends) {}

    private final TestRedis redis;
    private final Announcements announcements;

    private ScriptedChecker(TestRedis redis) {
        this.redis = redis;
        redis.command("DEL", "hchecker");
        this.announcements = Announcements.listen(redis);
    }

    /** Listens, and says that it lives. */
    static ScriptedChecker start(TestRedis redis) {
        ScriptedChecker checker = new ScriptedChecker(redis);
        checker.pings(0);
        return checker;
    }

    /** Every ten seconds it says {@code SET hchecker_ping <now>}; here it last did so some seconds ago. */
    void pings(long secondsAgo) {
        redis.command("SET", "hchecker_ping", Long.toString(Instant.now().getEpochSecond() - secondsAgo));
    }

    /** The next announcement, waiting for it; anything else than four fields is an error. */
    Check hears() throws IOException {
        String[] fields = announcements.next().strip().split(";", -1);
        if (fields.length != 4) {
            throw new AssertionError("Invalid check line: " + String.join(";", fields));
        }
        URI url = URI.create(fields[1]);
        return new Check(
                fields[0],
                url.getScheme() + "://" + url.getRawAuthority(),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]));
    }

    /** Whether it now has the backend to itself; not when somebody has it already, be it this one. */
    boolean locks(Check check) {
        try (RespConnection connection = redis.connect()) {
            connection.command("MULTI");
            connection.command("HSETNX", "hchecker", check.url(), "1");
            connection.command("HEXISTS", "hchecker", check.url() + ";" + ID);
            List<?> replies = (List<?>) connection.command("EXEC");
            if (replies == null || !Long.valueOf(1).equals(replies.get(0))) {
                return false;
            }
            Instant now = Instant.now();
            String signature = ID + ";" + now.getEpochSecond() + "." + now.getNano();
            connection.command("HSET", "hchecker", check.url(), signature);
            connection.command("HSET", "hchecker", check.url() + ";" + ID, "1");
            return true;
        }
    }

    /** Whether the backend could be marked dead; a list that says otherwise now stops it. */
    boolean marksDead(Check check) {
        if (!confirms(check)) {
            return false;
        }
        try (RespConnection connection = redis.connect()) {
            connection.command("MULTI");
            connection.command("SADD", "dead:" + check.frontend(), Integer.toString(check.index()));
            connection.command("EXPIRE", "dead:" + check.frontend(), "60");
            connection.command("EXEC");
            return true;
        }
    }

    boolean marksAlive(Check check) {
        if (!confirms(check)) {
            return false;
        }
        try (RespConnection connection = redis.connect()) {
            connection.command("MULTI");
            connection.command("SREM", "dead:" + check.frontend(), Integer.toString(check.index()));
            connection.command("EXEC");
            return true;
        }
    }

    void unlocks(Check check) {
        redis.command("HDEL", "hchecker", check.url(), check.url() + ";" + ID);
    }

    private boolean confirms(Check check) {
        String entry = Integer.toString(check.index() + 1);
        return check.url().equals(redis.command("LINDEX", "frontend:" + check.frontend(), entry));
    }

    @Override
    public void close() {
        announcements.close();
    }
}
