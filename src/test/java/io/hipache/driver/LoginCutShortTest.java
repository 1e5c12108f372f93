package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.testing.RecordedLog;
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

/** A server that closes connections before the login is over. A refused login may look just like that. */
class LoginCutShortTest {
    private static final String REFUSAL = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private final RecordedLog log = RecordedLog.of("io.hipache.driver");
    private final ServerSocket server;

    private final AtomicInteger answered = new AtomicInteger();

    LoginCutShortTest() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws IOException {
        log.close();
        server.close();
    }

    @Test
    void leavesItToTheNextAttemptToSayWhy() {
        answer("", REFUSAL);

        try (DriverOnLoop driver = open()) {
            log.await("refuses the password: WRONGPASS");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    void believesARefusalForSomeMoreAttempts() {
        answer(REFUSAL, "", "", "", REFUSAL);

        try (DriverOnLoop driver = open()) {
            await().until(() -> answered.get() >= 6);

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).hasSize(1).first().asString().contains("refuses the password: WRONGPASS");
        }
    }

    @Test
    void doesNotBelieveARefusalForEver() {
        answer(REFUSAL, "");

        try (DriverOnLoop driver = open()) {
            log.await("cannot connect: Connection closed prematurely");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
            assertThat(log.lines()).hasSize(2);
        }
    }

    @Test
    void saysItWhenThatIsCutShortToo() {
        answer("", "");

        try (DriverOnLoop driver = open()) {
            log.await("cannot connect: Connection closed prematurely");

            assertThat(driver.read("foo.bar").unavailable()).isEqualTo("Redis is not connected");
        }
    }

    /**
     * Sends one reply to each client that sends something, the last one to all later clients. An empty reply is the end
     * of the connection. Behind another one the client closes, as with Redis: an end that arrives together with a refusal would
     * look as if there was no refusal.
     */
    private void answer(String... replies) {
        Thread thread = new Thread(
                () -> {
                    while (!server.isClosed()) {
                        String reply = replies[Math.min(answered.get(), replies.length - 1)];
                        try (Socket client = server.accept()) {
                            boolean cut = reply.isEmpty();
                            if (client.getInputStream().read(new byte[1024]) > 0) {
                                client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
                                answered.incrementAndGet();
                            }
                            if (cut) {
                                // with bytes of the login unread, the end would be a reset, which may overtake the
                                // reply
                                client.shutdownOutput();
                            }
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
        RedisEndpoint endpoint =
                new RedisEndpoint(new Tcp("127.0.0.1", server.getLocalPort(), null), null, "wr0ng", 0, "");
        RedisSettings settings =
                new RedisSettings(endpoint, endpoint, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50);
        return new DriverOnLoop(loop -> new RedisDriver(loop, settings, DriverOnLoop.CHECKER_POLL));
    }
}
