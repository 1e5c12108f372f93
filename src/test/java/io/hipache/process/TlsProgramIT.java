package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS of the program as it is shipped, with two workers. */
class TlsProgramIT {
    private static final Duration START = Duration.ofSeconds(60);

    private final TestRedis redis = TestRedis.start();
    private final int port = TestRedis.freePort();
    private final Path output;
    private final Path key;
    private final Path cert;
    private final Process process;

    TlsProgramIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        key = Files.copy(TestTls.KEY, folder.resolve("ssl.key"));
        cert = Files.copy(TestTls.CERT, folder.resolve("ssl.crt"));
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "workers": 2, "address": "127.0.0.1", "port": %d, "stopTimeout": 1,
                            "https": {"port": %d, "key": "%s", "cert": "%s"}},
                 "driver": "redis://127.0.0.1:%d", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                TestRedis.freePort(),
                                port,
                                key,
                                cert,
                                redis.port(),
                                System.getProperty("user.name")));
        process = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @BeforeEach
    void awaitWorkers() {
        awaitReady(2);
    }

    @AfterEach
    void end() throws Exception {
        RunningProgram.killAll(RunningProgram.successorsIn(Files.readString(output)));
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        redis.close();
    }

    /** All connections to one of two workers would be an accident of one in half a million. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumedOnAnyWorker(String protocol) throws IOException {
        long session = ping(protocol);

        for (int i = 0; i < 20; i++) {
            assertThat(ping(protocol)).isEqualTo(session);
        }
    }

    @Test
    void aSessionIsResumedAfterAnUpgrade() throws Exception {
        long session = ping("TLSv1.3");

        RunningProgram.signal("USR2", process.pid());
        await().atMost(START).until(() -> !process.isAlive());

        for (int i = 0; i < 10; i++) {
            assertThat(ping("TLSv1.3")).isEqualTo(session);
        }
    }

    @Test
    void aSessionIsResumedAfterAReload() throws Exception {
        long session = ping("TLSv1.3");

        RunningProgram.signal("HUP", process.pid());
        await().atMost(START).until(() -> Files.readString(output).contains("reload complete"));

        for (int i = 0; i < 10; i++) {
            assertThat(ping("TLSv1.3")).isEqualTo(session);
        }
    }

    @Test
    void aWorkerNeedsNoFileOfKeys() throws IOException {
        Files.delete(key);
        Files.delete(cert);

        process.children().forEach(ProcessHandle::destroyForcibly);

        awaitReady(4);
        assertThat(ping("TLSv1.3")).isPositive();
    }

    @Test
    void saysOnceByWhomTlsIsSpoken() throws IOException {
        assertThat(Files.readString(output).split("TLS by BoringSSL", -1)).hasSize(2);
    }

    private void awaitReady(int times) {
        await().atMost(START).until(() -> Files.readString(output).split("is ready", -1).length == times + 1);
    }

    /** Tells when the session of a new connection was made. */
    private long ping(String protocol) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        try (SSLSocket socket = (SSLSocket) TestTls.asClient(plain, protocol)) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            return socket.getSession().getCreationTime();
        }
    }
}
