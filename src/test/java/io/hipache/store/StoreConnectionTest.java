package io.hipache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.driver.redis.ClientName;
import io.hipache.store.StoreException.Kind;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestSentinel;
import io.lettuce.core.api.sync.RedisCommands;
import io.netty.channel.epoll.Epoll;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreConnectionTest {

    private static final Path CERT = Path.of("src/test/resources/tls/ssl.crt").toAbsolutePath();
    private static final Path KEY = Path.of("src/test/resources/tls/ssl.key").toAbsolutePath();

    @Test
    void readsWithThePasswordDatabaseAndPrefixOfTheConfigurationAndShowsItsRole() throws Exception {
        try (TestRedis redis = TestRedis.start("s3cret");
                RespConnection other = redis.connect();
                StoreConnection store = open(redis.url() + "/3#p:")) {
            other.command("SELECT", "3");
            other.command("RPUSH", "p:frontend:foo.bar", "site");

            Long length = store.read(commands -> commands.llen(store.keys().frontend("foo.bar")));

            assertThat(length).isEqualTo(1);
            assertThat(text(store.write(RedisCommands::clientGetname)))
                    .matches("hipache:[^:]+:" + ProcessHandle.current().pid() + ":cli");
        }
    }

    @Test
    void readsFromTheFirstServerAndWritesToTheLast() throws Exception {
        try (TestRedis first = TestRedis.start();
                TestRedis last = TestRedis.start();
                StoreConnection store = open(first.url(), last.url())) {
            first.command("SET", "which", "first");

            store.write(commands -> commands.set("which", "last"));

            assertThat(text(store.read(commands -> commands.get("which")))).isEqualTo("first");
            assertThat(last.command("GET", "which")).isEqualTo("last");
        }
    }

    @Test
    void connectsOverTls() throws Exception {
        int port = TestRedis.freePort();
        try (TestRedis redis = TestRedis.onThisMachine(
                        null,
                        "--tls-port",
                        "" + port,
                        "--tls-cert-file",
                        CERT.toString(),
                        "--tls-key-file",
                        KEY.toString(),
                        "--tls-ca-cert-file",
                        CERT.toString(),
                        "--tls-auth-clients",
                        "no");
                StoreConnection trusting = open("rediss://127.0.0.1:" + port + "?ca=" + CERT);
                StoreConnection doubting = open("rediss://127.0.0.1:" + port)) {
            assertThat(redis.command("PING")).isEqualTo("PONG");

            assertThat(text(trusting.read(RedisCommands::ping))).isEqualTo("PONG");
            assertFails(doubting, Kind.AWAY, "certification path");
        }
    }

    @Test
    void connectsToAUnixSocket(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Epoll.isAvailable());
        Path socket = folder.resolve("redis.sock");
        try (TestRedis redis = TestRedis.onThisMachine("s3cret", "--unixsocket", socket.toString());
                StoreConnection store = open("redis-socket://:s3cret@" + socket)) {
            assertThat(redis.command("PING")).isEqualTo("PONG");

            assertThat(text(store.read(RedisCommands::ping))).isEqualTo("PONG");
        }
    }

    @Test
    void readsFromTheReplicaAndWritesToTheMasterThatSentinelNames() throws Exception {
        String password = "s3cret";
        try (TestRedis master = TestRedis.onThisMachine(password);
                TestRedis replica = TestRedis.onThisMachine(password)) {
            replica.replicate(master);
            try (TestSentinel sentinel = TestSentinel.watching("mymaster", master, 1, password)) {
                String url = "redis-sentinel://:" + password + "@127.0.0.1:" + TestRedis.freePort() + ",127.0.0.1:"
                        + sentinel.port() + "?master=mymaster";
                try (StoreConnection store = open(url, url);
                        StoreConnection wrong = open(url.replace("mymaster", "other"))) {

                    assertThat(text(store.write(commands -> commands.info("replication"))))
                            .contains("role:master");
                    assertThat(text(store.read(commands -> commands.info("replication"))))
                            .contains("role:slave");
                    assertFails(wrong, Kind.AWAY, "knows no master other");
                }
            }
        }
    }

    @Test
    void readsOnceMoreWhenItsConnectionWasCut() throws Exception {
        try (TestRedis redis = TestRedis.start();
                StoreConnection store = open(redis.url())) {
            // whether the cut is noticed before the question or behind it, depends on the moment
            for (int i = 0; i < 200; i++) {
                assertThat(text(store.read(RedisCommands::ping))).isEqualTo("PONG");
                redis.command("CLIENT", "KILL", "TYPE", "normal");
            }
        }
    }

    @Test
    void connectsAgainAfterTheServerWasAway() throws Exception {
        try (TestRedis redis = TestRedis.start();
                StoreConnection store = open(redis.url())) {
            assertThat(text(store.read(RedisCommands::ping))).isEqualTo("PONG");

            redis.stop();
            assertThatThrownBy(() -> store.read(RedisCommands::ping)).isInstanceOf(StoreException.class);
            assertFails(store, Kind.AWAY, "Redis 127.0.0.1:" + redis.port() + "/0: cannot connect: Connection refused");
            redis.restart();

            assertThat(text(store.read(RedisCommands::ping))).isEqualTo("PONG");
        }
    }

    @Test
    void saysWhatTheServerRefuses() throws Exception {
        try (TestRedis redis = TestRedis.start("s3cret");
                StoreConnection none = open("redis://127.0.0.1:" + redis.port());
                StoreConnection wrong = open("redis://:wr0ng@127.0.0.1:" + redis.port());
                StoreConnection store = open(redis.url());
                StoreConnection poor = open("redis://poor:pw@127.0.0.1:" + redis.port())) {
            redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+client");
            redis.command("SET", "text", "x");

            assertFails(none, Kind.FORBIDDEN, "wants a password, and the driver's URL has none");
            assertFails(wrong, Kind.FORBIDDEN, "refuses the password: WRONGPASS");
            assertFails(poor, Kind.FORBIDDEN, "may not do this; docs/commands.md lists the rights: NOPERM");
            assertThatThrownBy(() -> store.read(commands -> commands.llen("text")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_TYPE))
                    .hasMessageContaining("WRONGTYPE");
        }
    }

    @Test
    void saysThatAReplicaTakesNoChanges() throws Exception {
        try (TestRedis master = TestRedis.onThisMachine(null);
                TestRedis replica = TestRedis.onThisMachine(null);
                StoreConnection store = open(replica.url())) {
            replica.replicate(master);

            assertThatThrownBy(() -> store.write(commands -> commands.set("a", "b")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.READ_ONLY))
                    .hasMessageContaining("name the master last in driver");
        }
    }

    /** So that the compiler knows which {@code assertThat} is meant. */
    private static String text(String reply) {
        return reply;
    }

    private static void assertFails(StoreConnection store, Kind kind, String words) {
        assertThatThrownBy(() -> store.read(RedisCommands::ping))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(words)
                .hasMessageNotContaining("wr0ng");
    }

    private static StoreConnection open(String... urls) throws ConfigException, StoreException {
        String json = "{\"driver\": [\"" + String.join("\", \"", urls) + "\"]}";
        ConfigLoader loader = new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false);
        return new StoreConnection(StoreEndpoints.of(loader.parse(json).config()), ClientName.CLI);
    }
}
