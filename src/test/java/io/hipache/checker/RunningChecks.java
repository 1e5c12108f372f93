package io.hipache.checker;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** The checks of one supervisor on the Redis of a test, with a short interval. */
final class RunningChecks implements AutoCloseable {

    private final ActiveChecks checks;
    private final TestRedis redis;
    private final String driver;

    private final List<String> found = new CopyOnWriteArrayList<>();

    private RunningChecks(TestRedis redis, String driver, Function<Findings, ActiveChecks> checks) {
        this.checks =
                checks.apply((frontend, url, dead) -> found.add(frontend + " " + url + (dead ? " dead" : " alive")));
        this.redis = redis;
        this.driver = driver;
    }

    /** Begins, and returns when it is elected and hears announcements. */
    static RunningChecks on(TestRedis redis) {
        return on(redis, "");
    }

    /** @param keys of {@code server.activeCheck}, with single quotes */
    static RunningChecks on(TestRedis redis, String keys) {
        return on(redis, keys, ActiveChecks::new);
    }

    /** As {@link #on}, where each address is taken for one of another machine. */
    static RunningChecks amongOthers(TestRedis redis, String keys) {
        return on(redis, keys, findings -> new ActiveChecks(address -> false, findings));
    }

    private static RunningChecks on(TestRedis redis, String keys, Function<Findings, ActiveChecks> checks) {
        RunningChecks running = new RunningChecks(redis, "'" + redis.url() + "'", checks);
        running.follow("{'interval': 0.05" + (keys.isEmpty() ? "" : ", " + keys) + "}");
        running.awaitElection();
        return running;
    }

    /** Begins without waiting for an election. */
    static RunningChecks standingBy(TestRedis redis, String... driver) {
        RunningChecks running = new RunningChecks(redis, "['" + String.join("', '", driver) + "']", ActiveChecks::new);
        running.follow("{'interval': 0.05}");
        return running;
    }

    /** What was told of marks, in its order, each once. */
    List<String> found() {
        return found.stream().distinct().toList();
    }

    void follow(String activeCheck) {
        checks.follow(config("{'server': {'activeCheck': " + activeCheck + "}, 'driver': " + driver + "}"));
    }

    /** As the end of the supervisor does. */
    void end() {
        checks.close();
    }

    /** The sign of life comes when announcements are heard. */
    void awaitElection() {
        until().until(() -> redis.exists("hchecker_ping"));
    }

    /** As a worker does while an active checker lives. */
    void hear(String host, String url, int index, int backends) {
        redis.command("PUBLISH", "dead", host + ";" + url + ";" + index + ";" + backends);
    }

    boolean isMarked(String host, int index) {
        return Long.valueOf(1).equals(redis.command("SISMEMBER", "dead:" + host, "" + index));
    }

    void awaitMark(String host, int index) {
        until().until(() -> isMarked(host, index));
    }

    void awaitNoMark(String host, int index) {
        until().until(() -> !isMarked(host, index));
    }

    /** Returns when all that was announced before has been followed. */
    void awaitFollowed() {
        String url = "http://127.0.0.1:1";
        redis.del("frontend:barrier", "dead:barrier");
        redis.rpush("frontend:barrier", "id", url, url);
        hear("barrier", url + "/", 0, 2);
        awaitMark("barrier", 0);
    }

    static ConditionFactory until() {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
    }

    private static HipacheConfig config(String json) {
        try {
            return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                    .parse(json.replace('\'', '"'))
                    .config();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        end();
    }
}
