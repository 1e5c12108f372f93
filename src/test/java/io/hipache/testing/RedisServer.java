package io.hipache.testing;

import java.time.Duration;
import org.awaitility.Awaitility;

/** A redis-server that a test controls. It keeps its port for its whole life. */
sealed interface RedisServer extends AutoCloseable permits EmbeddedRedisServer, ContainerRedisServer {

    int port();

    void start();

    /** Ends the server at once. Does nothing when it does not run. */
    void stop();

    void pause();

    void resume();

    @Override
    void close();

    static void awaitAnswer(TestRedis redis) {
        Awaitility.await("Redis on port " + redis.port())
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptions()
                .until(() -> "PONG".equals(redis.command("PING")));
    }
}
