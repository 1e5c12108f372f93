package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void awaitAnswer(TestRedis redis) {
        Awaitility.await("Redis on port " + redis.port())
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptions()
                .until(() -> "PONG".equals(redis.command("PING")));
    }
}
