package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The temporary folder is mounted {@code noexec}, as hardened machines have it. Only root can mount one. */
class NoexecIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Path output;

    NoexecIT(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.output = folder.resolve("output");
        Files.createDirectory(folder.resolve("tmp"));
        Files.createDirectory(folder.resolve("run"));
    }

    @BeforeEach
    void canMount() throws Exception {
        Process tried = new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", folder + "/tmp").start();
        assumeTrue(tried.waitFor() == 0, "mounting is not allowed");
    }

    @Test
    void startsWithTheLibrariesInAnotherFolder() throws Exception {
        Process program = start("mount -t tmpfs -o noexec tmpfs " + folder + "/tmp", folder + "/run");
        try {
            await().atMost(PATIENCE).failFast(() -> !program.isAlive()).until(() -> said().contains("is ready"));

            assertThat(folder.resolve("run/native")).isDirectoryContaining("glob:**epoll*.so");
            assertThat(Files.readString(Path.of("/proc", String.valueOf(worker(program)), "maps")))
                    .contains(folder + "/run/native/libnetty_transport_native_epoll");
            signal("TERM", program.pid());
            assertThat(program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isZero();
            assertThat(said()).doesNotContain("\tat ").doesNotContain("UnsatisfiedLinkError");
        } finally {
            end(program);
        }
    }

    @Test
    void saysInOneLineWhenNoFolderServes() throws Exception {
        String everywhere = "for f in " + folder + "/tmp " + folder
                + "/run /run; do mount -t tmpfs -o noexec tmpfs $f || exit 9; done";
        Process program = start(everywhere, folder + "/run");
        try {
            assertThat(program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertThat(program.exitValue()).isEqualTo(1);
            assertThat(said().lines().filter(line -> !line.startsWith("Picked up")))
                    .singleElement()
                    .asString()
                    .contains(
                            "cannot start: no folder serves for the native libraries of Netty: ",
                            folder + "/tmp is mounted noexec",
                            "-Dio.netty.native.workdir=");
        } finally {
            end(program);
        }
    }

    @Test
    void theTrialSaysThatItsRedisMayNotRun() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --make-rprivate / && mount -t tmpfs -o noexec tmpfs \"$TMPDIR\" && exec scripts/hipache --dev")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("TMPDIR", folder + "/tmp");
        Process program = builder.start();
        try {
            assertThat(program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertThat(program.exitValue()).isEqualTo(1);
            assertThat(said())
                    .contains("Permission denied. Programs may not run there: set TMPDIR to a folder where they may");
        } finally {
            end(program);
        }
    }

    private Process start(String mounts, String runtimeFolder) throws IOException {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "/dev/null", "workers": 1, "staticDir": "%s"},
                 "http": {"bind": [{"address": "127.0.0.1", "port": 0}]},
                 "driver": "redis://127.0.0.1:1", "user": "%s"}
                """
                        .formatted(folder, System.getProperty("user.name")));
        List<String> command = new ArrayList<>(List.of(
                "unshare", "-m", "sh", "-c", "mount --make-rprivate / && { " + mounts + "; } && exec \"$@\"", "sh"));
        command.addAll(RunningProgram.command(config, "worker"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "RUNTIME_DIRECTORY",
                        runtimeFolder,
                        "JAVA_TOOL_OPTIONS",
                        "-Djava.io.tmpdir=" + folder + "/tmp -Duser.home=" + folder + "/tmp"));
        return builder.start();
    }

    private String said() throws IOException {
        return Files.exists(output) ? Files.readString(output) : "";
    }

    private static long worker(Process program) {
        return program.children().findFirst().orElseThrow().pid();
    }

    private static void end(Process program) {
        program.descendants().forEach(ProcessHandle::destroyForcibly);
        program.destroyForcibly();
    }
}
