package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.SniClient;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens for the first time in the life of a worker. The event loop must not load much for that: meanwhile all
 * requests wait. So no class of the program may come from the jar. And Java must not make the code that compares a record:
 * that takes 20 ms.
 */
class FirstTimesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestRedis redis = TestRedis.start();
    private final TestBackend good = TestBackend.named("good");
    private final TestBackend bad = TestBackend.start().misbehaves(new Misbehaviour.ResetBeforeHead());
    private final int port = TestRedis.freePort();
    private final int tlsPort = TestRedis.freePort();
    private final Path output;
    private final Path classes;
    private final Path pages;
    private final Process process;

    FirstTimesIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        classes = folder.resolve("classes.log");
        pages = Files.createDirectory(folder.resolve("pages"));
        Files.writeString(pages.resolve("error_502.html"), "a page");
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "workers": 1, "address": "127.0.0.1", "port": %d, "stopTimeout": 1,
                            "deadBackendTTL": 1, "cache": "tracking", "staticDir": "%s", "javaOptions": ["-Xlog:class+load:file=%s"],
                            "https": {"port": %d, "key": "%s", "cert": "%s"}, "admin": {"port": %d}},
                 "driver": "redis://127.0.0.1:%d", "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                port,
                                pages,
                                classes,
                                tlsPort,
                                Files.copy(TestTls.KEY, folder.resolve("ssl.key")),
                                Files.copy(TestTls.CERT, folder.resolve("ssl.crt")),
                                TestRedis.freePort(),
                                redis.port(),
                                System.getProperty("user.name")));
        process = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @BeforeEach
    void awaitWorker() {
        awaitOutput("is ready");
        redis.rpush("frontend:www.site", "site", bad.url(), good.url());
    }

    @AfterEach
    void end() throws InterruptedException {
        RunningProgram.end(process);
        good.close();
        bad.close();
        redis.close();
    }

    @Test
    void aBackendDiesAndAnswersAgain() throws IOException {
        await().atMost(PATIENCE).until(() -> isAnsweredBefore("is dead"));

        int before = bad.requests().size();
        bad.answers(Response.ok());

        await().atMost(PATIENCE).until(() -> {
            ask();
            return bad.requests().size() > before;
        });
        assertComparedWithArchivedCode("FailureReport$Key", "MarkedBackends$Marked");
    }

    @Test
    void aBackendDiesWhileRedisIsAway() throws IOException {
        bad.answers(Response.ok());
        ask();
        redis.stop();
        bad.misbehaves(new Misbehaviour.ResetBeforeHead());

        // only the memory of the worker can mark it now
        await().atMost(PATIENCE).until(() -> isAnsweredBefore("backend #0 is dead"));
        assertComparedWithArchivedCode("LocalMarks$Mark");
    }

    @Test
    void aCertificateComesFromRedis() throws IOException {
        redis.command(
                "HSET",
                "tls:www.site",
                "certificate",
                Files.readString(TestTls.CERT),
                "key",
                Files.readString(TestTls.KEY));

        assertThat(SniClient.shown(tlsPort, "www.site")).isEqualTo("localhost");
        assertComparedWithArchivedCode("ServerName", "PemPair", "CertificateStore$Stored$Pair");
    }

    @Test
    void anErrorPageChanges() throws IOException {
        Files.writeString(pages.resolve("error_502.html"), "another page");

        awaitOutput("have changed and were read again");
        assertComparedWithArchivedCode("ErrorPages$FileState");
    }

    private boolean isAnsweredBefore(String line) throws IOException {
        ask();
        return Files.readString(output).contains(line);
    }

    private void ask() {
        try (RawClient client = RawClient.connect(port)) {
            client.get("www.site", "/").readResponse();
        }
    }

    private void awaitOutput(String line) {
        await().atMost(PATIENCE).until(() -> Files.readString(output).contains(line));
    }

    private void assertComparedWithArchivedCode(String... records) throws IOException {
        List<String> loaded = Files.readAllLines(classes);
        for (String record : records) {
            assertThat(loaded).anyMatch(line -> line.contains("." + record + " "));
        }
        assertThat(loaded)
                .noneMatch(line -> line.contains(" java.lang.runtime.ObjectMethods "))
                .anyMatch(line -> line.contains(" io.hipache.") && line.contains(" source: shared objects file"))
                .noneMatch(line -> line.contains(" io.hipache.") && line.contains(" source: file:"));
    }
}
