package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevModeIT {
    private static final Pattern INTRODUCTION =
            Pattern.compile("Hipache listens on http://127\\.0\\.0\\.1:(\\d+)/, its Redis on port (\\d+)");

    private final Path output;
    private final int port;
    private final Process process;

    DevModeIT(@TempDir Path folder) throws Exception {
        output = folder.resolve("output");
        port = TestRedis.freePort();
        process = Script.start(Path.of("scripts/hipache"), Map.of(), "--dev", "--dev-port", String.valueOf(port))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @BeforeEach
    void awaitIntroduction() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(output).contains("Ctrl-C"));
    }

    @AfterEach
    void end() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void isOneProcessFromTheLauncherOn() {
        assertThat(process.info().command()).get().asString().endsWith("/java");
    }

    @Test
    void saysWhereItListensAndRegistersItsFrontend() throws Exception {
        Matcher introduction = INTRODUCTION.matcher(Files.readString(output));

        assertThat(introduction.find()).isTrue();
        assertThat(introduction.group(1)).isEqualTo(String.valueOf(port));
        assertThat(send(Integer.parseInt(introduction.group(2)), "LLEN frontend:localhost\r\nQUIT\r\n"))
                .startsWith(":3\r\n");
    }

    @Test
    void proxiesToItsBackends() {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertThat(
                        send(port, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .containsPattern("I am the (red|blue) backend"));
    }

    @Test
    void endsWithEverythingItStarted() {
        var children = process.descendants().toList();
        assertThat(children).isNotEmpty();

        process.destroy();

        await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive());
        await().until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** As {@code timeout} or a terminal does it that closes: Redis has a group of its own and does not hear of it. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP"})
    void endsWithEverythingWhenItsGroupGetsASignal(String signal) throws Exception {
        var children = process.descendants().toList();
        List<String> group = children.stream()
                .filter(child -> !child.info().command().orElse("").contains("redis"))
                .map(child -> String.valueOf(child.pid()))
                .toList();
        assertThat(group)
                .as("the shell that guards Redis, at least")
                .isNotEmpty()
                .hasSizeLessThan(children.size());

        for (String pid : group) {
            new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
        }
        process.destroy();

        await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive());
        await().until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void leavesNothingBehindWhenItIsKilled() {
        var children = process.descendants().toList();
        assertThat(children).isNotEmpty();

        process.destroyForcibly();

        await().atMost(Duration.ofSeconds(20)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static String send(int port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
