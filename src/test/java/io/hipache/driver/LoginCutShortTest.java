package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.Login;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.testing.RecordedLog;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that refuses the login, or closes the connection before the login is over. */
class LoginCutShortTest {
    private static final String REFUSAL = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final ServerSocket server;
    private final RedisEndpoint endpoint;
    private final AtomicInteger answered = new AtomicInteger();

    LoginCutShortTest() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        endpoint = new RedisEndpoint(new Tcp("127.0.0.1", server.getLocalPort(), null), null, "wr0ng", 0, "");
    }

    @AfterEach
    void end() throws IOException {
        log.close();
        server.close();
    }

    /** Lettuce closes the connection behind a refusal, and so may the server: whoever is first, the log has the reason. */
    @Test
    void saysWhyTheLoginWasRefused() {
        answer(REFUSAL);

        try (DriverOnLoop driver = open()) {
            await().until(() -> answered.get() >= 6);

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).hasSize(1).first().asString().contains("refuses the password: WRONGPASS");
        }
    }

    @Test
    void saysThatTheConnectionWasClosed() {
        answer("");

        try (DriverOnLoop driver = open()) {
            await().until(() -> answered.get() >= 3);

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("cannot connect: Connection closed prematurely");
        }
    }

    /** Otherwise Lettuce logs in on a thread of the JDK's common pool, which no worker should need. */
    @Test
    void logsInOnTheLoop() {
        RedisURI uri = LettuceOnLoop.uri(endpoint.address(), new Login(endpoint), 0, ClientName.CLI);

        assertThat(uri.getCredentialsProvider()).isInstanceOf(ImmediateRedisCredentialsProvider.class);
    }

    /** Sends a reply to each client that sends something, and closes the connection. */
    private void answer(String reply) {
        Thread thread = new Thread(
                () -> {
                    while (!server.isClosed()) {
                        try (Socket client = server.accept()) {
                            if (client.getInputStream().read(new byte[1024]) > 0) {
                                client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
                                answered.incrementAndGet();
                            }
                            // with bytes of the login unread, the end would be a reset, which may overtake the reply
                            client.shutdownOutput();
                            client.getInputStream().transferTo(OutputStream.nullOutputStream());
                        } catch (IOException e) {
                            // the test is over
                        }
                    }
                },
                "server");
        thread.setDaemon(true);
        thread.start();
    }

    private DriverOnLoop open() {
        RedisSettings settings =
                new RedisSettings(endpoint, endpoint, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, DriverOnLoop.CHECKER_POLL));
    }
}
