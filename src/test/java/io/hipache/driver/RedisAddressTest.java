package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisAddress.UnixSocket;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisTls;
import io.hipache.routing.Driver.Rows;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers behind TLS and behind a unix socket. */
class RedisAddressTest {

    private static final Path CERT = Path.of("src/test/resources/tls/ssl.crt").toAbsolutePath();
    private static final Path KEY = Path.of("src/test/resources/tls/ssl.key").toAbsolutePath();

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final int tlsPort = TestRedis.freePort();

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void speaksTlsWithAServerThatProvesWhoItIs() {
        try (TestRedis redis = tlsRedis();
                DriverOnLoop driver = open(tls("localhost", new RedisTls(true, pem())))) {
            redis.rpush("frontend:foo.bar", "site");
            driver.awaitAnswer();

            assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");

            redis.stop();
            log.await("cannot connect");
            redis.restart();
            driver.awaitAnswer();
        }
    }

    @Test
    void trustsWhomTheJavaRuntimeTrustsOtherwise() {
        try (TestRedis redis = tlsRedis();
                DriverOnLoop driver = open(tls("localhost", new RedisTls(true, null)))) {
            log.await("cannot connect");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).singleElement().asString().contains("certification path");
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void wantsACertificateForTheHostThatItConnectsTo() {
        try (TestRedis redis = tlsRedis();
                DriverOnLoop driver = open(tls("127.0.0.2", new RedisTls(true, pem())))) {
            log.await("cannot connect");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).singleElement().asString().contains("127.0.0.2", "No subject alternative names");
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void trustsAnybodyWhenTold() {
        try (TestRedis redis = tlsRedis();
                DriverOnLoop driver = open(tls("127.0.0.2", new RedisTls(false, null)))) {
            driver.awaitAnswer();

            assertThat(log.lines()).singleElement().asString().endsWith(": connected");
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void connectsToAUnixSocketAndFindsItAgain(@TempDir Path folder) {
        Assumptions.assumeTrue(Epoll.isAvailable());
        Path socket = folder.resolve("redis.sock");
        try (TestRedis redis = TestRedis.onThisMachine("s3cret", "--unixsocket", socket.toString());
                RespConnection connection = redis.connect()) {
            connection.command("SELECT", "3");
            connection.command("RPUSH", "p:frontend:foo.bar", "site");
            RedisEndpoint endpoint = new RedisEndpoint(new UnixSocket(socket.toString()), null, "s3cret", 3, "p:");
            try (DriverOnLoop driver = open(endpoint)) {
                driver.awaitAnswer();
                assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");

                redis.stop();
                log.await("cannot connect");
                redis.restart();
                driver.awaitAnswer();

                assertThat(log.lines()).hasSize(5).allSatisfy(line -> assertThat(line)
                        .startsWith("Redis " + socket + "/3: "));
            }
        }
    }

    private static String pem() {
        try {
            return Files.readString(CERT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Also listens without TLS on its usual port, for the test, and on 127.0.0.2, which its certificate does not name. */
    private TestRedis tlsRedis() {
        return TestRedis.onThisMachine(
                null,
                "--tls-port",
                "" + tlsPort,
                "--tls-cert-file",
                CERT.toString(),
                "--tls-key-file",
                KEY.toString(),
                "--tls-ca-cert-file",
                CERT.toString(),
                "--tls-auth-clients",
                "no",
                "--bind",
                "127.0.0.1",
                "127.0.0.2");
    }

    private RedisEndpoint tls(String host, RedisTls tls) {
        return new RedisEndpoint(new Tcp(host, tlsPort, tls), null, null, 0, "");
    }

    private static DriverOnLoop open(RedisEndpoint endpoint) {
        RedisSettings settings =
                new RedisSettings(endpoint, endpoint, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, (host, entry) -> {}));
    }
}
