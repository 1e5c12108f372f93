package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On what a packager has staged, which has no archive of the classes, and so takes less time. */
class UninstallIT {
    private static final Path INSTALL = Path.of("scripts/install").toAbsolutePath();
    private static final Path UNINSTALL = Path.of("scripts/uninstall").toAbsolutePath();

    private final Path stage;
    private final Path prefix;

    UninstallIT(@TempDir Path stage) {
        this.stage = stage;
        this.prefix = stage.resolve("opt/hipache");
    }

    @BeforeEach
    void install() throws Exception {
        Script installed = Script.run(INSTALL, there());
        assertThat(installed.code()).as(installed.err()).isZero();
        assertThat(installed.out()).doesNotContain("systemctl link");
        assertThat(prefix.resolve("lib/hipache/hipache.jar")).isRegularFile();
        Files.createDirectories(stage.resolve("var/log/hipache"));
        Files.createFile(stage.resolve("var/log/hipache/access.log"));
    }

    @Test
    void keepsTheConfigurationAndTheLogs() throws Exception {
        Script uninstalled = uninstall();

        assertThat(uninstalled.code()).as(uninstalled.err()).isZero();
        assertThat(uninstalled.out()).contains("kept       " + prefix.resolve("etc/hipache"));
        assertThat(left())
                .containsExactlyInAnyOrder(
                        prefix.resolve("etc/hipache/config.json"),
                        prefix.resolve("etc/hipache/config_test.json"),
                        prefix.resolve("etc/default/hipache"),
                        stage.resolve("var/log/hipache/access.log"));
        assertThat(prefix).isDirectoryNotContaining("glob:**/{bin,lib,share}");
        assertThat(uninstall().err()).contains("there is no installation in " + prefix);
    }

    @Test
    void purgesEverythingWithItsFolders() throws Exception {
        Script purged = uninstall("--purge");

        assertThat(purged.code()).as(purged.err()).isZero();
        assertThat(left()).isEmpty();
        assertThat(prefix).doesNotExist();
    }

    @Test
    void purgesLaterWhatItHasKept() throws Exception {
        uninstall();

        Script purged = uninstall("--purge");

        assertThat(purged.code()).as(purged.err()).isZero();
        assertThat(left()).isEmpty();
        assertThat(prefix).doesNotExist();
    }

    @Test
    void purgesNoLogsWhereNothingWasInstalled() throws Exception {
        Map<String, String> elsewhere = Map.of("DESTDIR", stage.toString(), "PREFIX", "/srv/hipache");

        Script purged = Script.run(UNINSTALL, elsewhere, "--purge");

        assertThat(purged.code()).isEqualTo(1);
        assertThat(purged.err())
                .contains(
                        "there is no installation in " + stage + "/srv/hipache/lib/hipache, and no configuration in ");
        assertThat(stage.resolve("var/log/hipache/access.log")).exists();
    }

    /** What others have put there stays with its folder. */
    @Test
    void keepsTheFilesOfOthers() throws Exception {
        Path other = Files.createFile(prefix.resolve("bin/other"));

        uninstall("--purge");

        assertThat(left()).containsExactly(other);
    }

    private Map<String, String> there() {
        return Map.of("DESTDIR", stage.toString(), "PREFIX", "/opt/hipache");
    }

    private Script uninstall(String... options) throws Exception {
        return Script.run(UNINSTALL, there(), options);
    }

    private List<Path> left() throws Exception {
        try (Stream<Path> all = Files.walk(stage)) {
            return all.filter(file -> !Files.isDirectory(file) || Files.isSymbolicLink(file))
                    .toList();
        }
    }
}
