package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An installed program that root starts, for only root has rights to take away. */
class PrivilegesIT {
    private static final Duration START = Duration.ofSeconds(60);
    /** An account that every machine has. */
    private static final String NOBODY = "nobody";

    @TempDir
    private static Path installation;

    private final Path folder;
    private final Path output;
    private final Path accessLog;
    private final int port = TestRedis.freePort();
    private final List<Process> started = new ArrayList<>();

    PrivilegesIT(@TempDir Path folder) {
        this.folder = folder;
        this.output = folder.resolve("output");
        this.accessLog = folder.resolve("log/access.log");
    }

    @BeforeAll
    static void install() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root has rights to take away");
        letEveryoneIn(installation);
        ProcessBuilder install = new ProcessBuilder("scripts/install").redirectErrorStream(true);
        install.redirectOutput(installation.resolve("install").toFile());
        install.environment().put("PREFIX", installation.resolve("prefix").toString());
        assertThat(install.start().waitFor()).isZero();
    }

    @BeforeEach
    void openFolder() throws IOException {
        letEveryoneIn(folder);
    }

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void takesEveryRightOfRootFromTheWorkersAndLetsThemServe() throws Exception {
        try (TestRedis redis = TestRedis.start();
                TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            redis.rpush("frontend:a.example", "a", backend.url());
            Process program = start(redis.port(), "\"user\": \"nobody\"");

            awaitReady(2);

            String uid = id("-u", NOBODY);
            String gid = id("-g", NOBODY);
            assertThat(program.children()).hasSize(2).allSatisfy(worker -> assertThat(status(worker.pid()))
                    .containsEntry("Uid", String.join("\t", uid, uid, uid, uid))
                    .containsEntry("Gid", String.join("\t", gid, gid, gid, gid))
                    .containsEntry("Groups", id("-G", NOBODY))
                    .containsEntry("NoNewPrivs", "1")
                    .containsEntry("CapInh", "0000000000000000")
                    .containsEntry("CapPrm", "0000000000000000")
                    .containsEntry("CapEff", "0000000000000000")
                    .containsEntry("CapBnd", "0000000000000000")
                    .containsEntry("CapAmb", "0000000000000000"));
            assertThat(status(program.pid())).containsEntry("Uid", "0\t0\t0\t0");
            try (RawClient client = RawClient.connect(port)) {
                assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
            }
            await().untilAsserted(() -> assertThat(accessLog).content().contains("\"GET / HTTP/1.1\" 200"));
            assertThat(Files.getOwner(accessLog)).hasToString("root");
            assertThat(output)
                    .as("Java warns of priorities whom it does not take for root")
                    .content()
                    .doesNotContain("ThreadPriorityPolicy");
            end(program);
        }
    }

    @Test
    void needsNoMoreRightsThanTheServiceFileLeaves() throws Exception {
        String left = Files.readAllLines(Path.of("hipache.service")).stream()
                .filter(line -> line.startsWith("CapabilityBoundingSet="))
                .map(line -> line.replace("CapabilityBoundingSet=", "")
                        .replace(" ", ",")
                        .replace("CAP_", "+"))
                .findFirst()
                .orElseThrow()
                .toLowerCase(Locale.ROOT);
        letEveryoneIn(Files.writeString(
                folder.resolve("sandbox"),
                "#!/bin/sh\nexec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all," + left + " \"$@\"\n"));

        Process program = start(
                1, "\"user\": \"nobody\"", Map.of(), folder.resolve("sandbox").toString());

        awaitReady(2);
        assertThat(status(program.pid())).containsEntry("NoNewPrivs", "1");
        assertThat(program.children()).hasSize(2).allSatisfy(worker -> assertThat(status(worker.pid()))
                .containsEntry("Uid", String.join("\t", Collections.nCopies(4, id("-u", NOBODY))))
                .containsEntry("CapBnd", "0000000000000000"));
        program.children().findFirst().orElseThrow().destroyForcibly();
        awaitReady(3);
        end(program);
    }

    @Test
    void leavesRootToWorkersOnlyWhenToldSo() throws Exception {
        Process program = start(1, "\"user\": \"root\"");

        awaitReady(2);

        assertThat(program.children()).hasSize(2).allSatisfy(worker -> assertThat(status(worker.pid()))
                .containsEntry("Uid", "0\t0\t0\t0")
                .containsEntry("NoNewPrivs", "0"));
        end(program);
    }

    @Test
    void givesANumberWithoutANameNoGroupButItsOwn() throws Exception {
        Process program = start(1, "\"user\": 4711, \"group\": 4712");

        awaitReady(2);

        assertThat(program.children()).hasSize(2).allSatisfy(worker -> assertThat(status(worker.pid()))
                .containsEntry("Uid", "4711\t4711\t4711\t4711")
                .containsEntry("Gid", "4712\t4712\t4712\t4712")
                .containsEntry("Groups", ""));
        end(program);
    }

    @Test
    void refusesAUserThatTheMachineDoesNotHave() throws Exception {
        Process program = start(1, "\"user\": \"no-such-user\"");

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(program.exitValue()).isEqualTo(2);
        assertThat(output).content().contains("user: this machine has no user \"no-such-user\"");
    }

    @Test
    void saysWhichFileTheWorkersCannotReach() throws Exception {
        Path lib = installation.resolve("prefix/lib/hipache/lib").toRealPath();
        Files.setPosixFilePermissions(lib, PosixFilePermissions.fromString("rwx------"));
        Process program;
        try {
            program = start(1, "\"user\": \"nobody\"");

            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            letEveryoneIn(lib);
        }
        assertThat(program.exitValue()).isEqualTo(1);
        assertThat(output)
                .content()
                .contains("cannot start: the workers' user nobody has no access to " + lib + ", and every worker needs")
                .doesNotContain("worker #");
    }

    @Test
    void saysHowToNameAnotherFolderForNativeLibraries() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));

        Process program = start(
                1,
                "\"user\": \"nobody\"",
                Map.of("HIPACHE_JAVA_OPTS", "-Dio.netty.native.workdir=" + closed + "/native"));

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isEqualTo(1);
        assertThat(output)
                .content()
                .contains(
                        "the workers' user nobody has no access to " + closed + ", and every worker needs " + closed
                                + "/native. Name a folder for native libraries that this user can read",
                        "HIPACHE_JAVA_OPTS=-Dio.netty.native.workdir=/path");
    }

    @Test
    void needsSetprivForRoot() throws Exception {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String tool : List.of("sh", "getent", "readlink", "dirname", "sed", "head", "find", "stat", "grep")) {
            Path script = Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec /usr/bin/" + tool + " \"$@\"\n");
            letEveryoneIn(script);
        }

        Process program = start(1, "\"user\": \"nobody\"", Map.of("PATH", tools.toString()));

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isEqualTo(1);
        assertThat(output).content().contains("needs setpriv").doesNotContain("worker #");
    }

    private Process start(int redisPort, String account) throws IOException {
        return start(redisPort, account, Map.of());
    }

    private Process start(int redisPort, String account, Map<String, String> environment, String... before)
            throws IOException {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "port": %d, "workers": 2, "address": ["127.0.0.1"]},
                 "driver": ["redis://127.0.0.1:%d/0"], %s}
                """
                        .formatted(accessLog, port, redisPort, account));
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(installation.resolve("prefix/bin/hipache").toString(), "--config", config.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private void awaitReady(int workers) {
        await().atMost(START).until(() -> Files.readString(output).split("is ready", -1).length == workers + 1);
    }

    private static void end(Process program) throws InterruptedException {
        program.destroy();
        assertThat(program.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isZero();
    }

    private static Map<String, String> status(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf(':')),
                            line -> line.substring(line.indexOf(':') + 1).strip()));
        } catch (IOException e) {
            throw new AssertionError("the process is gone", e);
        }
    }

    private static String id(String option, String user) throws IOException {
        Process id = new ProcessBuilder("id", option, user).start();
        return new String(id.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    /** The folders of tests are their owner's alone. */
    private static void letEveryoneIn(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
