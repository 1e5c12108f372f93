package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.snapshot.Entry;
import io.hipache.snapshot.SnapshotFile;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.SniClient;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestCertificate;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is shipped, when it starts without Redis. */
class SnapshotIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> HOSTS = List.of("exact.test", "www.wild.test", "a.example");

    @AutoClose
    private final TestRedis redis = TestRedis.start();

    @AutoClose
    private final TestBackend first = TestBackend.named("first");

    @AutoClose
    private final TestBackend second = TestBackend.named("second");

    private final int port = TestRedis.freePort();
    private final int tlsPort = TestRedis.freePort();
    private final Path folder;
    private final Path file;
    private final Path output;
    private Process program;

    SnapshotIT(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.file = folder.resolve("snapshot");
        this.output = folder.resolve("output");
        redis.rpush("frontend:exact.test", "site", first.url());
        redis.rpush("frontend:*.wild.test", "site", first.url());
        redis.rpush("frontend:a.example", "site", first.url());
        redis.command(
                "HSET",
                "tls:a.example",
                "certificate",
                TestCertificate.A.certificate(),
                "key",
                TestCertificate.A.key());
        // everything that a class needs is there before its program starts
        this.program = new ProcessBuilder("true").start();
    }

    private void start(String cache) throws IOException {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "workers": 2, "address": "127.0.0.1", "port": %d, "stopTimeout": 1,
                            "cache": "%s", "staleIfDown": 600, "snapshot": "%s",
                            "https": {"port": %d, "key": "%s", "cert": "%s"}},
                 "driver": "redis://127.0.0.1:%d", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                port,
                                cache,
                                file,
                                tlsPort,
                                TestTls.KEY.toAbsolutePath(),
                                TestTls.CERT.toAbsolutePath(),
                                redis.port(),
                                System.getProperty("user.name")));
        Files.deleteIfExists(output);
        program = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        awaitOutput("is ready", 2);
    }

    private void awaitOutput(String text, int times) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Files.readString(output))
                .matches(read -> read.split(text, -1).length == times + 1, times + " x " + text));
    }

    @AfterEach
    void end() throws Exception {
        if (Files.exists(output)) {
            RunningProgram.killAll(RunningProgram.successorsIn(Files.readString(output)));
        }
        kill();
    }

    private void kill() throws Exception {
        List<ProcessHandle> workers = program.descendants().toList();
        program.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }

    private ReceivedResponse get(String host) {
        try (RawClient client = RawClient.connect(port)) {
            return client.get(host, "/").readResponse();
        }
    }

    /** The answer of each known host, many times, so that each worker has its part of them. */
    private void servesEveryHost() {
        for (int i = 0; i < 20; i++) {
            assertThat(HOSTS).allSatisfy(host -> {
                ReceivedResponse response = get(host);
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.body()).isEqualTo("first");
            });
            assertThat(SniClient.shown(tlsPort, "a.example")).isEqualTo(TestCertificate.A.commonName());
        }
    }

    private void awaitFile() {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(SnapshotFile.read(
                                file, "redis://127.0.0.1:" + redis.port() + "/0", 1 << 20, System.currentTimeMillis())
                        .all())
                .extracting(Entry::toString)
                .contains(
                        "FRONTEND[exact.test]",
                        "FRONTEND[www.wild.test]",
                        "FRONTEND[*.wild.test]",
                        "FRONTEND[a.example]",
                        "CERTIFICATE[a.example]",
                        "CERTIFICATE[*.example]"));
    }

    /** With tracking, the upgrade shows the same. */
    @Test
    void servesKnownHostsAfterARestartWithoutRedis() throws Exception {
        start("off");
        servesEveryHost();
        awaitFile();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        redis.stop();
        kill();
        start("off");

        servesEveryHost();
        assertThat(get("other.test").status()).isEqualTo(503);

        // workers that start in place of others
        program.children().forEach(ProcessHandle::destroyForcibly);
        awaitOutput("is ready", 4);
        servesEveryHost();

        redis.restart();
        redis.rpush("frontend:exact.test", "site", second.url());
        await().atMost(PATIENCE).until(() -> get("exact.test").body().equals("second"));
    }

    /** Each host is asked for once, so that one worker hears of it from the other. */
    @Test
    void servesHostsThatOnlyTheOtherWorkerWasAskedFor() throws Exception {
        start("off");
        HOSTS.forEach(host -> assertThat(get(host).status()).isEqualTo(200));
        SniClient.shown(tlsPort, "a.example");
        awaitFile();

        redis.stop();

        servesEveryHost();
    }

    @Test
    void servesKnownHostsAfterAnUpgradeWithoutRedis() throws Exception {
        start("tracking");
        servesEveryHost();
        awaitFile();
        redis.stop();

        RunningProgram.signal("USR2", program.pid());
        await().atMost(PATIENCE).until(() -> !program.isAlive());

        servesEveryHost();
    }

    @Test
    void startsWithADamagedFile() throws Exception {
        Files.write(file, new byte[1_000]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        start("tracking");

        awaitOutput("is not used, starting without it: it is no snapshot", 1);
        servesEveryHost();
        awaitFile();
    }
}
