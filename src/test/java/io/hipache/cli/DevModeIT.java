package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.testing.Browser;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevModeIT {
    private static final Pattern INTRODUCTION =
            Pattern.compile("Hipache listens on http://127\\.0\\.0\\.1:(\\d+)/, its Redis on port (\\d+)");

    private static final @Nullable String PICTURES = System.getProperty("hipache.screenshots");

    private final Path output;
    private final Path temporary;
    private final int port;
    private final Process process;

    DevModeIT(@TempDir Path folder) throws Exception {
        output = folder.resolve("output");
        temporary = Files.createDirectory(folder.resolve("temporary"));
        port = TestRedis.freePort();
        // a process group of its own, as a shell makes one for each command
        process = Script.start(
                        Path.of("/usr/bin/setsid"),
                        Map.of("TMPDIR", temporary.toString()),
                        // a build in the background ignores SIGINT
                        "env",
                        "--default-signal=INT",
                        "scripts/hipache",
                        "--dev",
                        "--dev-port",
                        String.valueOf(port))
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

    /** Ctrl-C; timeout; timeout that kills later; the kernel or a service manager that kills all at once. */
    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "TERM KILL", "KILL"})
    void leavesNothingBehindWhenItsGroupGetsSignals(String signals) throws Exception {
        List<ProcessHandle> children = process.descendants().toList();
        assertThat(children)
                .as("the guard, Redis, and two workers at least")
                .hasSizeGreaterThan(3)
                .anyMatch(child -> child.info().command().orElse("").contains("redis"));

        for (String signal : signals.split(" ", -1)) {
            new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid())
                    .start()
                    .waitFor();
        }

        await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive());
        await().atMost(Duration.ofSeconds(20)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void leavesNoRedisBehindWhenItsGuardIsKilledAsWell() throws Exception {
        List<ProcessHandle> children = process.descendants().toList();

        for (ProcessHandle child : children) {
            if (!child.info().command().orElse("").contains("redis")) {
                child.destroyForcibly();
            }
        }
        process.destroyForcibly();

        await().atMost(Duration.ofSeconds(20)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void saysThatItsPortIsTakenBeforeItStartsAnything() throws Exception {
        Script second = Script.run(Path.of("scripts/hipache"), Map.of(), "--dev", "--dev-port", String.valueOf(port));

        assertThat(second.code()).isEqualTo(1);
        assertThat(second.err())
                .contains("cannot listen on http://127.0.0.1:" + port, "choose another one: --dev-port ");
        assertThat(second.out()).isEmpty();
    }

    @Test
    void showsInABrowserWhatIsGoingOn(@TempDir Path profile) throws Exception {
        Optional<Path> program = Browser.installed();
        assumeTrue(program.isPresent(), "no Chromium is installed, the page is not tested");
        try (Browser browser = Browser.start(program.orElseThrow(), profile)) {
            browser.open("http://127.0.0.1:" + port + "/");
            browser.await("#state", "Everything is well: 2 workers serve");
            assertThat(browser.text("#asked")).isIn("red", "blue");
            String rpush = browser.text("#commands code");
            assertThat(rpush).startsWith("redis-cli -p " + redisPort() + " rpush frontend:hello.localhost mywebsite ");

            send(redisPort(), rpush.replaceFirst(".* rpush", "rpush") + "\r\nQUIT\r\n");

            browser.await("#frontends", "hello.localhost\thttp://127.0.0.1:");
            assertThat(browser.text("#workers")).contains("MB");
            assertThat(browser.text("#backends")).contains("red\thttp://", "blue\thttp://");
            assertThat(send(port, "GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n"))
                    .contains("I am the ");
            assertThat(browser.errors()).isEmpty();
            if (PICTURES != null) {
                browser.show(1200, 900, "light");
                browser.screenshot(Path.of(PICTURES, "dev.png"));
            }

            browser.open(browser.value("document.querySelector('#dashboard').href"));
            browser.await("#rows", "hello.localhost");
        }
    }

    private int redisPort() throws IOException {
        Matcher introduction = INTRODUCTION.matcher(Files.readString(output));
        assertThat(introduction.find()).isTrue();
        return Integer.parseInt(introduction.group(2));
    }

    private static String send(int port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
