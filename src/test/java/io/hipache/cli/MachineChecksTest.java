package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.Installation;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.TestRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
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
                                    .contains("cannot be written: " + noFolder + " is no folder"),
                            redis -> assertThat(redis).startsWith("driver: "));
        }
    }

    @Test
    void nameTheAddressOfTheAdminListenerThatIsTaken() throws Exception {
        Path socket = folder.resolve("admin.socket");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            assertThat(problems("\"admin\": {\"port\": " + taken.getLocalPort() + "}"))
                    .contains("cannot listen on http://127.0.0.1:" + taken.getLocalPort()
                            + " (server.admin): the port is in use;"
                            + " that is fine while a running Hipache has the address");
            assertThat(problems("\"admin\": {\"socket\": \"" + socket + "\"}"))
                    .contains("cannot listen on " + socket + " (server.admin): it is in use;"
                            + " that is fine while a running Hipache has the address");
        }
        Files.delete(socket);
        Path absent = folder.resolve("absent/admin.socket");
        assertThat(problems("\"admin\": {\"socket\": \"" + absent + "\"}"))
                .contains("cannot listen on " + absent + " (server.admin): there is no folder " + absent.getParent());
        assertThat(problems("\"admin\": {\"socket\": \"" + socket + "\"}"))
                .noneMatch(problem -> problem.contains("server.admin"));
        assertThat(folder.resolve("admin.socket.new")).doesNotExist();
    }

    @Test
    void excuseNoAddressThatThisMachineDoesNotHave() throws Exception {
        assertThat(
                        problems(
                                "\"address\": \"192.0.2.9\", \"admin\": {\"address\": \"192.0.2.9\", \"port\": 8001, \"token\": \"t\"}"))
                .contains(
                        "cannot listen on http://192.0.2.9:8000: this machine does not have the address",
                        "cannot listen on http://192.0.2.9:8001 (server.admin): this machine does not have the address");
    }

    @Test
    void nameALogWhereNobodyCanMakeAFile() throws Exception {
        assertThat(problems("\"accessLog\": \"/proc/nope/access.log\""))
                .contains(
                        "server.accessLog: /proc/nope/access.log cannot be written: this user can make nothing in the folder"
                                + " /proc");
    }

    private List<String> problems(String keys) throws Exception {
        Path file = Files.writeString(
                folder.resolve("config.json"),
                "{\"server\": {\"port\": 8000, " + keys + (keys.contains("accessLog") ? "" : ", \"accessLog\": \"-\"")
                        + "}, \"driver\": \"" + DeadAddress.url().replace("http://", "redis://") + "\"}");
        return MachineChecks.of(
                ConfigLoader.here(new Installation(folder)).load(file).config());
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
