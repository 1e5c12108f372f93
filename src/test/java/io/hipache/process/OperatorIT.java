package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator asks the running program by commands. */
class OperatorIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PORT = TestRedis.freePort();

    private static TestRedis redis;
    private static Path config;
    private static Path socket;
    private static Path output;
    private static Process program;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        redis = TestRedis.start();
        socket = folder.resolve("admin.sock");
        output = folder.resolve("output");
        config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "workers": 1, "address": "127.0.0.1", "port": %d, "stopTimeout": 1,
                            "admin": {"socket": "%s"}},
                 "driver": "%s", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                PORT,
                                socket,
                                redis.url(),
                                System.getProperty("user.name")));
        program = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        await().atMost(PATIENCE).until(() -> Files.readString(output).contains("is ready"));
    }

    @AfterAll
    static void stop() throws Exception {
        List<ProcessHandle> workers = program.descendants().toList();
        program.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
        redis.close();
    }

    @Test
    void aDrainedBackendGetsNoNewRequestAndKeepsTheOldOne() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (TestBackend draining = TestBackend.answering(Response.ok("old").after(answer));
                TestBackend other = TestBackend.named("other");
                RawClient old = RawClient.connect(PORT)) {
            redis.rpush("frontend:drain.test", "site", draining.url());
            old.send(request("drain.test"));
            draining.awaitRequest();
            redis.command("RPUSH", "frontend:drain.test", other.url());

            Process drain = RunningProgram.run("drain", "drain.test", draining.url(), "-c", config.toString());
            String waiting = readUntil(drain, "waiting");
            String meanwhile = get("drain.test");
            boolean waits = drain.isAlive();
            answer.countDown();

            assertThat(waiting)
                    .contains("drain.test: changed, has 1 backend", "1 request and 0 WebSockets under way there");
            assertThat(waits).isTrue();
            assertThat(meanwhile).endsWith("other");
            assertThat(old.readToEnd()).endsWith("old");
            assertThat(drain.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(rest(drain)).contains("drained: nothing of this machine is under way there");
            assertThat(drain.exitValue()).isZero();
            assertThat(draining.requests()).hasSize(1);
        }
    }

    @Test
    void aDrainThatTakesTooLongSaysSo() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (TestBackend slow = TestBackend.answering(Response.ok().after(answer));
                RawClient client = RawClient.connect(PORT)) {
            redis.rpush("frontend:long.test", "site", slow.url());
            client.send(request("long.test"));
            slow.awaitRequest();
            redis.command("RPUSH", "frontend:long.test", "http://127.0.0.1:1");

            Process drain = RunningProgram.run(
                    "drain", "long.test", slow.url(), "--timeout", "3", "--json", "-c", config.toString());
            String said = rest(drain);
            drain.waitFor();
            answer.countDown();
            client.readToEnd();

            assertThat(drain.exitValue()).isEqualTo(1);
            assertThat(said).contains("\"changed\" : true", "\"drained\" : false", "\"requests\" : 1");
        }
    }

    @Test
    void explainSaysForWhichBackendClientsGiveUp() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (TestBackend slow = TestBackend.answering(Response.ok().after(answer))) {
            redis.rpush("frontend:slow.test", "site", slow.url());
            try (RawClient impatient = RawClient.connect(PORT)) {
                impatient.send(request("slow.test"));
                slow.awaitRequest();
            }

            await().atMost(PATIENCE).until(() -> explain().contains("1 client left before an answer began"));
            answer.countDown();

            assertThat(explain())
                    .contains("ended as client_gone 1")
                    .contains("#0 " + slow.url() + "/  1 attempt, 0 failed, no answer")
                    .contains("1 while waiting for #0 " + slow.url() + "/ (");
            String metrics = AdminIT.get(socket, "/metrics");
            assertThat(metrics)
                    .contains("hipache_host_client_gone_seconds_count{backend=\"" + slow.url()
                            + "/\",host=\"slow.test\"} 1");
            AdminIT.checkWithPromtool(config.getParent(), metrics.substring(metrics.indexOf("\r\n\r\n") + 4));
        }
    }

    private static String explain() throws IOException {
        return rest(RunningProgram.run("explain", "slow.test", "-c", config.toString()));
    }

    private static String request(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    }

    private static String get(String host) throws IOException {
        try (RawClient client = RawClient.connect(PORT)) {
            client.send(request(host));
            return client.readToEnd();
        }
    }

    private static String readUntil(Process process, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            int next = process.getInputStream().read();
            if (next < 0) {
                throw new AssertionError("ended with " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    private static String rest(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
