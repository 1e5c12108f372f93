package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.supervisor.SupervisorRequest;
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
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGUSR2 to the program as it is shipped: its launcher finds the version that is installed. */
class ProgramUpgradeIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String GRANT = "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private final TestRedis redis = TestRedis.start();
    private final TestBackend backend = TestBackend.answering(Response.ok("hello"));
    private final TestBackend chatty = TestBackend.answering((request, wire) -> {
        wire.send(GRANT);
        wire.send(wire.readUntil("!"));
        wire.send(wire.readUntil("!"));
        wire.awaitClose();
    });
    private final int port = TestRedis.freePort();
    private final Path output;
    private final Path accessLog;
    private final Path config;
    private final Path driver;
    private final Process process;

    ProgramUpgradeIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        accessLog = folder.resolve("access.log");
        config = writeConfig(folder.resolve("config.json"), 100);
        driver = writeDriver(folder.resolve("driver"), redis.port());
        ProcessBuilder builder = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // what differs from machine to machine is not in the file
        builder.environment().put("HIPACHE_SERVER_PORT", String.valueOf(port));
        builder.environment().put("HIPACHE_SERVER_WORKERS", "2");
        builder.environment().put("HIPACHE_DRIVER_FILE", driver.toString());
        builder.environment().put("LOGS", folder.toString());
        process = builder.start();
        redis.rpush("frontend:a.example", "a", backend.url());
        redis.rpush("frontend:chat.example", "chat", chatty.url());
    }

    private static Path writeConfig(Path file, int maxSockets) throws IOException {
        return Files.writeString(
                file,
                """
                {"server": {"accessLog": "${LOGS}/access.log", "port": 1, "workers": 9, "maxSockets": %d,
                 "address": ["127.0.0.1"]}, "driver": ["redis://127.0.0.1:1/0"], "user": "%s"}
                """
                        .formatted(maxSockets, System.getProperty("user.name")));
    }

    private static Path writeDriver(Path file, int redisPort) throws IOException {
        return Files.writeString(file, "redis://127.0.0.1:" + redisPort + "/0\n");
    }

    @AfterEach
    void end() throws IOException {
        RunningProgram.killAll(RunningProgram.successorsIn(Files.readString(output)));
        RunningProgram.killAll(List.of(process.toHandle()));
        chatty.close();
        backend.close();
        redis.close();
    }

    @Test
    void keepsConnectionsAndTunnelsThroughAnUpgradeAndLogsEachRequestOnce() throws Exception {
        awaitOutput("is ready", 2);
        KeepAliveLoad load = KeepAliveLoad.on(port, "a.example", "hello", 4);
        try (load;
                RawClient tunnel = RawClient.connect(port)) {
            tunnel.send("GET / HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(tunnel.readUntil("\r\n\r\n")).isEqualTo(GRANT);

            // a reload and an upgrade have the environment of the start
            writeConfig(config, 200);
            signal("HUP", process.pid());
            awaitOutput("reload complete, 2 workers, no process was replaced", 1);
            assertThat(process.children())
                    .allSatisfy(worker -> assertThat(Path.of("/proc", String.valueOf(worker.pid()), "environ"))
                            .content()
                            .contains("PATH=")
                            .doesNotContain("HIPACHE_"));

            signal("USR2", process.pid());
            awaitOutput("upgrade complete, 2 workers", 1);
            long answeredUntilThen = load.answered();

            assertThat(tunnel.send("before!").readUntil("!")).isEqualTo("before!");
            await().atMost(PATIENCE).until(() -> load.answered() > answeredUntilThen + 500);
            assertThat(process.isAlive()).isTrue();
            assertThat(tunnel.send("after!").readUntil("!")).isEqualTo("after!");
        }
        await().atMost(PATIENCE).until(() -> !process.isAlive());

        assertThat(process.exitValue()).isZero();
        assertThat(load.failures()).isEmpty();
        await().untilAsserted(() -> assertThat(accessLog).content().hasLineCount((int) load.answered() + 1));
    }

    @Test
    void isCalledOffWhenTheNewWorkersCannotUseTheirStoreAndTheOldOnesCan() throws Exception {
        awaitOutput("is ready", 2);
        List<ProcessHandle> before = process.children().toList();
        writeDriver(driver, TestRedis.freePort());
        try (KeepAliveLoad load = KeepAliveLoad.on(port, "a.example", "hello", 4)) {
            signal("USR2", process.pid());
            await().atMost(PATIENCE).until(() -> Files.readString(output)
                    .contains("the upgrade has failed, nothing changes: worker #"));

            assertThat(output).content().contains(", which the workers of the running supervisor can use");
            assertThat(process.children()).containsAll(before);
            assertThat(load.failures()).isEmpty();
        }
        List<ProcessHandle> refused = RunningProgram.successorsIn(Files.readString(output));
        await().atMost(PATIENCE).until(() -> refused.stream().noneMatch(ProcessHandle::isAlive));

        assertThat(Files.readString(output).split("which the workers of the running supervisor can use", -1))
                .hasSize(2);
        assertThat(output)
                .content()
                .contains(
                        "the upgrade was called off, this supervisor ends: supervisor #" + process.pid() + " says why")
                .doesNotContain("SIGTERM");
    }

    @Test
    void saysWhatTheNewOneDoesNotLikeInItsConfiguration() throws Exception {
        awaitOutput("is ready", 2);
        Files.writeString(config, "{\"server\": {\"maxSockets\": \"two\"}}");

        SupervisorRequest.Outcome outcome = SupervisorRequest.upgrade(process.pid());

        assertThat(outcome.complete()).isFalse();
        assertThat(outcome.lines())
                .singleElement()
                .asString()
                .startsWith(
                        "the upgrade has failed, nothing changes: " + config + " cannot be used: server.maxSockets: ");
    }

    @Test
    void statusShowsTheProgramWhileItsConfigurationIsBroken() throws Exception {
        awaitOutput("is ready", 2);
        Files.writeString(config, "{\"server\": {\"maxSockets\": \"two\"}}");

        Process status = RunningProgram.run("status", "-c", config.toString());
        String said = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(status.waitFor()).isEqualTo(2);
        assertThat(said).contains("process " + process.pid() + ",", "cannot be used: server.maxSockets: ");
        assertThat(process.children().map(worker -> "worker " + worker.pid() + ","))
                .hasSize(2)
                .allMatch(said::contains);
    }

    private void awaitOutput(String text, int times) {
        await().atMost(PATIENCE)
                .until(() -> Files.readString(output).split(Pattern.quote(text), -1).length == times + 1);
    }
}
