package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is shipped, with one worker that is made to need more than {@code memoryLimit}. */
class MemoryGuardIT {
    private static final Duration START = Duration.ofSeconds(60);
    /** A worker that is over the limit may wait for two minutes before it asks. The half heads must last as long. */
    private static final Duration REPLACEMENT = Duration.ofSeconds(150);
    /** A worker at rest takes about 90. */
    private static final int LIMIT_MEGABYTES = 135;
    /** A request head that never ends holds its buffer, up to 32 KiB. */
    private static final String HALF_A_HEAD = "GET / HTTP/1.1\r\nHost: a\r\nX-Filler: " + "x".repeat(28 * 1024);

    private static final int MOST_OF_THEM = 1_800;

    private final TestRedis redis = TestRedis.start();
    private final TestBackend backend = TestBackend.answering(Response.ok("hello"));
    private final List<RawClient> hogs = new ArrayList<>();
    private final Path output;
    private final int port;
    private final Process process;

    MemoryGuardIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        port = TestRedis.freePort();
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "port": %d, "workers": 1, "address": "127.0.0.1", "memoryLimit": %d,
                            "headMemory": 1000, "gracefulWait": 60, "tcpTimeout": 300},
                 "driver": "redis://127.0.0.1:%d", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                port,
                                LIMIT_MEGABYTES,
                                redis.port(),
                                System.getProperty("user.name")));
        process = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        redis.rpush("frontend:a.example", "a", backend.url());
    }

    @AfterEach
    void end() throws InterruptedException {
        hogs.forEach(RawClient::close);
        RunningProgram.end(process);
        backend.close();
        redis.close();
    }

    @Test
    void replacesAWorkerThatNeedsTooMuchWithoutLosingARequest() {
        await().atMost(START).until(() -> output().contains("is ready"));
        ProcessHandle worker = process.children().findFirst().orElseThrow();
        try (RawClient upload = RawClient.connect(port)) {
            upload.send("PUT /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nfirst");
            await().until(() -> backend.openConnections() == 1);

            while (!output().contains("asking for a replacement") && hogs.size() < MOST_OF_THEM) {
                hogs.add(RawClient.connect(port).send(HALF_A_HEAD));
            }
            await().atMost(REPLACEMENT).until(() -> {
                get();
                return output().contains("leaving, with");
            });
            get();
            hogs.forEach(RawClient::close);

            assertThat(worker.isAlive()).isTrue();
            upload.send("later");
            assertThat(upload.readResponse().status()).isEqualTo(200);
        }

        await().atMost(START).until(() -> !worker.isAlive());
        get();
        assertThat(output())
                .containsSubsequence(
                        "MemoryMonitor: Memory limit exceeded",
                        "calling GC...",
                        "MemoryMonitor: Memory is still over the limit after GC call",
                        "is ready",
                        "leaving, with",
                        "=== Exceeded memory report === Gracefully exited: true");
        assertThat(process.children()).hasSize(1);
    }

    private void get() {
        try (RawClient client = RawClient.connect(port)) {
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    private String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError("no output", e);
        }
    }
}
