package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.BigBody;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is shipped: launcher, supervisor, two workers, a real Redis. */
class ProgramIT {
    private static final Duration START = Duration.ofSeconds(60);
    private static final long MOST_AT_REST_KILOBYTES = 120_000;
    /** At rest, and what a worker may take for itself once it is busy: heap, code and buffers have limits. */
    private static final long MOST_UNDER_LOAD_KILOBYTES = 256_000;

    private final TestRedis redis = TestRedis.start();
    private final TestBackend backend = TestBackend.answering(Response.ok("hello"));
    private final Path output;
    private final Path accessLog;
    private final int port;
    private final Path config;
    private final Process process;

    ProgramIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        accessLog = folder.resolve("access.log");
        port = TestRedis.freePort();
        String account = System.getProperty("user.name");
        config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "port": %d, "workers": 2, "maxSockets": 100, "deadBackendTTL": 30,
                            "address": ["127.0.0.1"], "stopTimeout": 3},
                 "driver": ["redis://127.0.0.1:%d/0"], "user": "%s"}
                """
                        .formatted(accessLog, port, redis.port(), account));
        process = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @BeforeEach
    void awaitWorkers() {
        await().atMost(START).until(() -> Files.readString(output).split("is ready", -1).length == 3);
    }

    @AfterEach
    void end() throws InterruptedException {
        RunningProgram.end(process);
        backend.close();
        redis.close();
    }

    @Test
    void servesWhatRedisSaysFromTwoProcessesAndLogsIt() {
        redis.rpush("frontend:www.dotcloud.com", "mywebsite", backend.url());

        try (RawClient client = RawClient.connect(port)) {
            assertThat(client.get("www.dotcloud.com", "/path").readResponse().body())
                    .isEqualTo("hello");
        }

        assertThat(process.children()).hasSize(2);
        await().untilAsserted(() -> assertThat(Files.readString(accessLog))
                .matches("::ffff:127\\.0\\.0\\.1 - - \\[[^]]+ \\+0000] \"GET /path HTTP/1\\.1\" 200 \\d+ \"\" \"\""
                        + " \"mywebsite\" \\d+\\.\\d{3} \\d+\\.\\d{3}\n"));
    }

    @Test
    void aWorkerAtRestStaysUnder120Megabytes() {
        await().atMost(START).untilAsserted(() -> assertThat(process.children())
                .hasSize(2)
                .allSatisfy(worker -> assertThat(residentKilobytes(worker)).isLessThan(MOST_AT_REST_KILOBYTES)));
    }

    @Test
    void aGibibytePassesThroughAWorkerOfBoundedMemory() {
        redis.rpush("frontend:big", "big", backend.url());
        BigBody body = BigBody.ofMebibytes(1024);
        backend.answers(Response.ok().chunked(body));

        try (RawClient client = RawClient.connect(port)) {
            client.send("PUT / HTTP/1.1\r\nHost: big\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send(body);
            assertThat(client.readResponse().digest()).isEqualTo(body.digest());
        }

        assertThat(backend.awaitRequest().digest()).isEqualTo(body.digest());
        assertThat(process.children())
                .allSatisfy(worker -> assertThat(residentKilobytes(worker)).isLessThan(MOST_UNDER_LOAD_KILOBYTES));
    }

    @Test
    void goesOnServingWhenAWorkerIsKilled() {
        redis.rpush("frontend:a.example", "a", backend.url());
        ProcessHandle victim = process.children().findFirst().orElseThrow();

        victim.destroyForcibly();

        for (int i = 0; i < 20; i++) {
            try (RawClient client = RawClient.connect(port)) {
                assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
            }
        }
        await().atMost(START).until(() -> process.children().count() == 2 && !victim.isAlive());
    }

    @Test
    void aTunnelLastsUntilTheTimeToStopIsOver() throws InterruptedException {
        redis.rpush("frontend:a.example", "a", backend.url());
        String grant = "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        backend.answers((request, wire) -> {
            wire.send(grant);
            wire.send(wire.readUntil("!"));
            wire.awaitClose();
        });
        try (RawClient client = RawClient.connect(port)) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(client.readUntil("\r\n\r\n")).isEqualTo(grant);

            process.destroy();
            await().until(this::nobodyListens);
            assertThat(client.send("still here!").readUntil("!")).isEqualTo("still here!");
            client.expectClosed();
        }

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(accessLog).content().contains("\"GET / HTTP/1.1\" 101 ");
    }

    private boolean nobodyListens() {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void reloadsWithoutBreakingAKeepAliveConnection() throws Exception {
        redis.rpush("frontend:a.example", "a", backend.url());
        List<ProcessHandle> before = process.children().toList();
        try (KeepAliveLoad load = KeepAliveLoad.on(port, "a.example", "hello", 4)) {
            await().until(() -> load.answered() > 50);

            RunningProgram.signal("HUP", process.pid());
            await().atMost(START).until(() -> Files.readString(output).contains("reload complete"));

            Files.writeString(config, Files.readString(config).replace("\"stopTimeout\"", "\"stopTimeOut\""));
            Process asked = RunningProgram.askForReload(process.pid());
            assertThat(new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("WARNING! server.stopTimeOut: ")
                    .contains("reload complete");

            assertThat(Files.readString(output)).contains("WARNING! server.stopTimeOut: ");
            assertThat(load.failures()).isEmpty();
            assertThat(process.children()).containsExactlyInAnyOrderElementsOf(before);
        }
    }

    @Test
    void changesNothingForAStoreThatNobodyAnswersFor() throws Exception {
        redis.rpush("frontend:a.example", "a", backend.url());
        List<ProcessHandle> before = process.children().toList();
        Files.writeString(
                config, Files.readString(config).replace(":" + redis.port() + "/0", ":" + TestRedis.freePort() + "/0"));
        try (KeepAliveLoad load = KeepAliveLoad.on(port, "a.example", "hello", 4)) {
            RunningProgram.signal("HUP", process.pid());
            await().atMost(START).until(() -> Files.readString(output).contains("the configuration stays as it was"));

            assertThat(output)
                    .content()
                    .containsPattern("reload refused: worker #\\d+ cannot use the new configuration: ");
            assertThat(process.children()).containsExactlyInAnyOrderElementsOf(before);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void endsInOrderOnSigterm() throws InterruptedException {
        List<ProcessHandle> workers = process.children().toList();

        process.destroy();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(workers).noneMatch(ProcessHandle::isAlive);
    }

    private static long residentKilobytes(ProcessHandle worker) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(worker.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError("the worker is gone", e);
        }
    }
}
