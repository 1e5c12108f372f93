package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.BigBody;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One worker with little memory, and clients that want all of it, each in another way. Whatever they do, another virtual
 * host is served meanwhile, and the worker lives.
 */
class OverloadIT {
    private static final Duration START = Duration.ofSeconds(60);
    /** The worker may have 84 MB of direct memory then. */
    private static final int MEMORY_LIMIT = 160;

    private static final String PIECE = "x".repeat(16 * 1024);
    /** Without bounds each failed allocation holds up the loop for half a second, thousands of times. */
    private static final long SLOWEST_MILLIS = 8_000;

    private final TestRedis redis = TestRedis.start();
    private final TestBackend good = TestBackend.answering(Response.ok("hello"));
    private final TestBackend big = TestBackend.answering(Response.ok().body(BigBody.ofMebibytes(2)));
    private final List<AutoCloseable> hogs = new ArrayList<>();
    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Path output;
    private final int port = TestRedis.freePort();
    private final int tlsPort = TestRedis.freePort();
    private final Process process;

    OverloadIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "port": %d, "workers": 1, "address": "127.0.0.1", "memoryLimit": %d,
                            "maxSockets": 1000},
                 "https": {"port": %d, "key": "%s", "cert": "%s"},
                 "driver": "redis://127.0.0.1:%d", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                port,
                                MEMORY_LIMIT,
                                tlsPort,
                                TestTls.KEY.toAbsolutePath(),
                                TestTls.CERT.toAbsolutePath(),
                                redis.port(),
                                System.getProperty("user.name")));
        process = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        redis.rpush("frontend:good.example", "good", good.url());
        redis.rpush("frontend:big.example", "big", big.url());
        // nothing listens there for real: 192.0.2.0/24 is for documentation, and connecting takes until it is given up
        redis.rpush("frontend:far.example", "far", "http://192.0.2.1:80");
    }

    @AfterEach
    void end() throws Exception {
        over.set(true);
        other.shutdown();
        for (AutoCloseable hog : hogs) {
            hog.close();
        }
        RunningProgram.end(process);
        good.close();
        big.close();
        redis.close();
    }

    @Test
    void uploadsThatNeverEndHoldUpNobody() throws Exception {
        othersAreServedWhile(() -> {
            String upload = "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 65636\r\n\r\n" + PIECE.repeat(4);
            for (int i = 0; i < 1_500; i++) {
                hogs.add(RawClient.connect(port).send(upload.formatted(i % 2 == 0 ? "big.example" : "far.example")));
            }
        });
    }

    @Test
    void headsThatNeverEndHoldUpNobody() throws Exception {
        othersAreServedWhile(() -> {
            String head = "GET / HTTP/1.1\r\nHost: good.example\r\nX: " + "x".repeat(30 * 1024);
            for (int i = 0; i < 3_000; i++) {
                hogs.add(RawClient.connect(port).send(head));
            }
        });
    }

    @Test
    void headerBlocksThatNeverEndHoldUpNobody() throws Exception {
        othersAreServedWhile(() -> {
            byte[] block = FrameClient.block(":method=GET", ":scheme=https", ":path=/", "x=" + "x".repeat(15 * 1024));
            byte[] more = FrameClient.block("y=" + "y".repeat(14 * 1024));
            for (int i = 0; i < 300; i++) {
                hogs.add(FrameClient.connect(tlsPort)
                        .send(FrameClient.bytes(Frame.HEADERS, 0, 1, block))
                        .send(FrameClient.bytes(Frame.CONTINUATION, 0, 1, more)));
            }
        });
    }

    @Test
    void streamsThatNeverEndHoldUpNobody() throws Exception {
        othersAreServedWhile(() -> {
            for (int i = 0; i < 12; i++) {
                FrameClient client = FrameClient.connect(tlsPort);
                hogs.add(client);
                // the windows allow no more than this
                for (int stream = 1; stream < 2 * 16; stream += 2) {
                    client.post(stream, "far.example", "content-length=1000000");
                    for (int piece = 0; piece < 3; piece++) {
                        client.data(stream, false, PIECE);
                    }
                }
                for (int stream = 2 * 16 + 1; stream < 2 * 128; stream += 2) {
                    client.post(stream, "far.example", "content-length=1000000");
                }
            }
        });
    }

    private void othersAreServedWhile(Runnable attack) throws Exception {
        await().atMost(START).until(() -> output().contains("is ready"));
        ProcessHandle worker = process.children().findFirst().orElseThrow();
        get();
        List<Long> millis = new ArrayList<>();
        var probes = other.submit(() -> {
            while (!over.get()) {
                millis.add(get());
                TimeUnit.MILLISECONDS.sleep(20);
            }
            return millis;
        });

        attack.run();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        await().atMost(Duration.ofSeconds(10)).until(() -> System.nanoTime() > end);
        over.set(true);

        assertThat(probes.get(30, TimeUnit.SECONDS))
                .as("milliseconds that others waited")
                .hasSizeGreaterThan(2)
                .allSatisfy(each -> assertThat(each).isLessThan(SLOWEST_MILLIS));
        assertThat(worker.isAlive()).isTrue();
        assertThat(output())
                .doesNotContain("\tat ")
                .doesNotContain("OutOfMemoryError")
                .doesNotContain("no direct memory");
        assertThat(output().lines().count()).as("lines of the log").isLessThan(60);
    }

    /** On a new connection, as any other client. */
    private long get() {
        long start = System.nanoTime();
        try (RawClient client = RawClient.connect(port)) {
            assertThat(client.get("good.example", "/").readResponse().body()).isEqualTo("hello");
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError("no output", e);
        }
    }
}
