package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A real Sentinel without any others. It considers a master dead within a second. */
public final class TestSentinel implements AutoCloseable {

    private final TestRedis sentinel;
    private final Path config;
    private final String master;
    private final @Nullable String password;

    private TestSentinel(TestRedis sentinel, Path config, String master, @Nullable String password) {
        this.sentinel = sentinel;
        this.config = config;
        this.master = master;
        this.password = password;
    }

    /**
     * Starts a Sentinel and returns when it knows this many healthy replicas.
     *
     * @param password of the servers and of the Sentinel itself, null for none
     */
    public static TestSentinel watching(String master, TestRedis redis, int replicas, @Nullable String password) {
        Path config = temporaryFile();
        write(config, text(master, redis, password));
        TestRedis server =
                TestRedis.started(new EmbeddedRedisServer(List.of(config.toString()), List.of("--sentinel")), password);
        TestSentinel sentinel = new TestSentinel(server, config, master, password);
        sentinel.awaitHealthyReplicas(replicas);
        return sentinel;
    }

    public String host() {
        return sentinel.host();
    }

    public int port() {
        return sentinel.port();
    }

    /** Ends the process at once. */
    public void stop() {
        sentinel.stop();
    }

    /** Starts the Sentinel again on the same port, with this server as the master. */
    public void restart(TestRedis redis) {
        sentinel.stop();
        write(config, text(master, redis, password));
        sentinel.restart();
    }

    /** Makes a replica the master in an orderly way and returns when that is complete. */
    public void failOver() {
        int before = masterPort();
        sentinel.command("SENTINEL", "FAILOVER", master);
        awaitMasterOtherThan(before);
    }

    public void awaitMasterOtherThan(int port) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> masterPort() != port);
    }

    public void awaitHealthyReplicas(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> healthyReplicas() == count);
    }

    private int masterPort() {
        List<?> address = (List<?>) sentinel.command("SENTINEL", "get-master-addr-by-name", master);
        if (address == null) {
            throw new IllegalStateException("Sentinel forgot " + master);
        }
        return Integer.parseInt((String) address.get(1));
    }

    private long healthyReplicas() {
        List<?> replicas = (List<?>) sentinel.command("SENTINEL", "replicas", master);
        return replicas == null
                ? 0
                : replicas.stream()
                        .map(List.class::cast)
                        .filter(fields ->
                                fields.get(fields.indexOf("flags") + 1).equals("slave")
                                        && fields.get(fields.indexOf("master-link-status") + 1)
                                                .equals("ok"))
                        .count();
    }

    private static String text(String master, TestRedis redis, @Nullable String password) {
        String monitoring =
                """
                sentinel monitor %1$s %2$s %3$d 1
                sentinel down-after-milliseconds %1$s 500
                sentinel failover-timeout %1$s 2000
                """
                        .formatted(master, redis.host(), redis.port());
        return password == null
                ? monitoring
                : monitoring + "sentinel auth-pass " + master + " " + password + "\nrequirepass " + password + "\n";
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("sentinel-", ".conf");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        sentinel.close();
        try {
            Files.deleteIfExists(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
