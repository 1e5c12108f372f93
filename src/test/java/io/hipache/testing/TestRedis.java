package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis on a free loopback port, empty at the start and after each restart. It runs in a container when a Docker
 * engine answers, otherwise it is the server that embedded-redis contains. Share it in a class as
 * {@code @AutoClose static final TestRedis redis = TestRedis.start()} and clear it between tests with {@link #flush()}.
 */
public final class TestRedis implements AutoCloseable {

    private final RedisServer server;
    private final @Nullable String password;

    private TestRedis(RedisServer server, @Nullable String password) {
        this.server = server;
        this.password = password;
    }

    /** Starts a server without a password and returns when it answers. */
    public static TestRedis start() {
        return start(null);
    }

    /** Starts a server that requires a password, null for none. */
    public static TestRedis start(@Nullable String password) {
        List<String> arguments = password == null ? List.of() : List.of("--requirepass", password);
        return started(
                ContainerRedisServer.available()
                        ? new ContainerRedisServer(arguments)
                        : new EmbeddedRedisServer(arguments),
                password);
    }

    /**
     * Starts a server that shares the files, sockets and addresses of this machine, so never in a container.
     *
     * @param password required by the server, null for none
     * @param options further options of redis-server
     */
    public static TestRedis onThisMachine(@Nullable String password, String... options) {
        List<String> arguments = new ArrayList<>(List.of(options));
        if (password != null) {
            arguments.addAll(List.of("--requirepass", password, "--masterauth", password));
        }
        return started(new EmbeddedRedisServer(arguments), password);
    }

    /** Makes this server a replica and returns when it has all data of the master. */
    public void replicate(TestRedis master) {
        command("REPLICAOF", master.host(), "" + master.port());
        Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> info("replication")
                .contains("master_link_status:up"));
    }

    static TestRedis started(RedisServer server, @Nullable String password) {
        TestRedis redis = new TestRedis(server, password);
        redis.restart();
        return redis;
    }

    /** A port on which nothing listens, so that a server can be started on it. */
    public static int freePort() {
        return FreePorts.next();
    }

    public String host() {
        return "127.0.0.1";
    }

    /** The port, which {@link #restart()} does not change. */
    public int port() {
        return server.port();
    }

    /** The server's URL as the configuration key {@code driver} takes it. */
    public String url() {
        return "redis://" + (password == null ? "" : ":" + password + "@") + host() + ":" + port();
    }

    /** Ends the server at once. Its port then refuses connections. */
    public void stop() {
        server.stop();
    }

    /** Stops the server if it runs, starts it on the same port, and returns when it answers. */
    public void restart() {
        server.stop();
        server.start();
        RedisServer.awaitAnswer(this);
    }

    /** Suspends the server's process: connections stay open, but nothing is answered. */
    public void pause() {
        server.pause();
    }

    public void resume() {
        server.resume();
    }

    /** Sends one command on a new connection. An error reply is thrown as an exception. */
    public @Nullable Object command(String... arguments) {
        try (RespConnection connection = connect()) {
            return connection.command(arguments);
        }
    }

    /** Opens a connection, with a login when the server requires a password. */
    public RespConnection connect() {
        try {
            RespConnection connection = new RespConnection(host(), port());
            if (password != null) {
                connection.command("AUTH", password);
            }
            return connection;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void rpush(String key, String... values) {
        List<String> arguments = new ArrayList<>(List.of("RPUSH", key));
        arguments.addAll(List.of(values));
        command(arguments.toArray(String[]::new));
    }

    public void sadd(String key, String... values) {
        List<String> arguments = new ArrayList<>(List.of("SADD", key));
        arguments.addAll(List.of(values));
        command(arguments.toArray(String[]::new));
    }

    public void del(String... keys) {
        List<String> arguments = new ArrayList<>(List.of("DEL"));
        arguments.addAll(List.of(keys));
        command(arguments.toArray(String[]::new));
    }

    public boolean exists(String key) {
        return Long.valueOf(1).equals(command("EXISTS", key));
    }

    /** The text of one section of INFO. */
    public String info(String section) {
        return String.valueOf(command("INFO", section));
    }

    /** Removes every key of every database. */
    public void flush() {
        command("FLUSHALL");
    }

    @Override
    public void close() {
        server.close();
    }
}
