package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.Installation;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.TestRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineChecksTest {
    private final Path folder;

    MachineChecksTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void findNothingWhereAllIsWell() throws Exception {
        try (TestRedis redis = TestRedis.start()) {
            assertThat(MachineChecks.of(config(TestRedis.freePort(), folder.resolve("new/access.log"), redis.url())))
                    .isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void nameWhatIsInTheWay() throws Exception {
        Path noFolder = Files.writeString(folder.resolve("file"), "");
        String away = DeadAddress.url().replace("http://", "redis://");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(MachineChecks.of(config(taken.getLocalPort(), noFolder.resolve("access.log"), away)))
                    .satisfiesExactly(
                            port -> assertThat(port)
                                    .startsWith("cannot listen on http://127.0.0.1:" + taken.getLocalPort())
                                    .contains("that is fine while a running Hipache has the address"),
                            log -> assertThat(log)
                                    .startsWith("server.accessLog: ")
                                    .contains("cannot be made"),
                            redis -> assertThat(redis).startsWith("driver: "));
        }
    }

    @Test
    void nameTheFolderOfASnapshotThatNobodyMakes() throws Exception {
        Path absent = folder.resolve("absent");
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThat(snapshotProblems(absent.resolve("snapshot")))
                .containsExactly("server.snapshot: " + absent + "/snapshot cannot be written: the folder " + absent
                        + " does not exist; make it");
        assertThat(snapshotProblems(file.resolve("snapshot")))
                .containsExactly("server.snapshot: " + file + "/snapshot cannot be written: " + file + " is no folder");
        assertThat(snapshotProblems(folder.resolve("snapshot"))).isEmpty();
        assertThat(absent).doesNotExist();
    }

    private List<String> snapshotProblems(Path snapshot) throws Exception {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"port": %d, "accessLog": "-", "snapshot": "%s", "staleIfDown": 60}, "driver": "%s"}
                """
                        .formatted(
                                TestRedis.freePort(),
                                snapshot,
                                DeadAddress.url().replace("http://", "redis://")));
        return MachineChecks.of(
                        ConfigLoader.here(new Installation(folder)).load(config).config())
                .stream()
                .filter(problem -> problem.startsWith("server.snapshot"))
                .toList();
    }

    private HipacheConfig config(int port, Path accessLog, String driver) throws Exception {
        Path file = Files.writeString(
                Files.createTempFile("machine", ".json"),
                """
                {"server": {"port": %d, "address": "127.0.0.1", "accessLog": "%s"}, "driver": "%s"}
                """
                        .formatted(port, accessLog, driver));
        try {
            return ConfigLoader.here(new Installation(folder)).load(file).config();
        } finally {
            Files.delete(file);
        }
    }
}
