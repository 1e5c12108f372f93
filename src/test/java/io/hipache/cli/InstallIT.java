package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallIT {
    private static final Path INSTALL = Path.of("scripts/install").toAbsolutePath();

    @Test
    void putsEverythingUnderThePrefix(@TempDir Path prefix) throws Exception {
        Script install = install(prefix);

        assertThat(install.code()).as(install.err()).isZero();
        assertThat(prefix.resolve("lib/hipache/hipache.jar")).isRegularFile();
        assertThat(prefix.resolve("lib/hipache/static-errors")).isDirectory();
        assertThat(prefix.resolve("etc/hipache/config.json")).hasSameTextualContentAs(Path.of("config.json"));
        assertThat(prefix.resolve("share/hipache/upstart.conf"))
                .content()
                .contains("exec " + prefix + "/bin/hipache --config")
                .doesNotContain("/usr/local");
        assertThat(prefix.resolve("lib/systemd/system/hipache.service"))
                .content()
                .contains(
                        "ExecStart=" + prefix + "/bin/hipache --config " + prefix + "/etc/hipache/config.json",
                        "ExecReload=" + prefix + "/bin/hipache reload $MAINPID",
                        "Type=notify\n")
                .doesNotContain("/usr/local");
        assertThat(prefix.resolve("share/hipache/hipache.logrotate"))
                .content()
                .contains("/var/log/hipache/*.log {", "USR1", "delaycompress");
    }

    @Test
    void installsAProgramThatRuns(@TempDir Path prefix) throws Exception {
        install(prefix);
        Path hipache = prefix.resolve("bin/hipache");

        Script dry = Script.run(hipache, Map.of("SETTINGS_FLAVOR", "test"), "--dry");

        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.err())
                .contains("Loading config from " + prefix.toRealPath() + "/lib/hipache/etc/config_test.json");
        assertThat(dry.out()).contains(prefix.toRealPath() + "/lib/hipache/static-errors");
    }

    @Test
    void leavesTheEmbeddedRedisOutAndSaysSo(@TempDir Path prefix) throws Exception {
        install(prefix);

        Script dev = Script.run(prefix.resolve("bin/hipache"), Map.of(), "--dev");

        try (Stream<Path> files = Files.walk(prefix)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().contains("embedded-redis"));
        }
        assertThat(dev.code()).isEqualTo(1);
        assertThat(dev.err()).contains("--dev needs the embedded Redis").doesNotContain("\tat ");
    }

    @Test
    void keepsAConfigurationThatIsThere(@TempDir Path prefix) throws Exception {
        Path config = prefix.resolve("etc/hipache/config.json");
        Files.createDirectories(config.getParent());
        Files.writeString(config, "{\"user\": \"mine\"}");
        Path stale = Files.createDirectories(prefix.resolve("lib/hipache/lib")).resolve("stale.jar");
        Files.createFile(stale);

        Script install = install(prefix);

        assertThat(install.out()).contains("kept       " + config);
        assertThat(config).hasContent("{\"user\": \"mine\"}");
        assertThat(stale).doesNotExist();
    }

    @Test
    void stagesForPackagers(@TempDir Path stage) throws Exception {
        Script install = Script.run(INSTALL, Map.of("DESTDIR", stage.toString(), "PREFIX", "/usr"));

        assertThat(install.code()).as(install.err()).isZero();
        assertThat(stage.resolve("usr/bin/hipache")).isExecutable();
        assertThat(stage.resolve("etc/hipache/config.json")).exists();
        assertThat(stage.resolve("usr/lib/hipache/hipache.jsa")).doesNotExist();
        assertThat(Files.readSymbolicLink(stage.resolve("usr/lib/hipache/etc"))).hasToString("/etc/hipache");
        assertThat(stage.resolve("usr/lib/systemd/system/hipache.service"))
                .content()
                .contains("ExecStart=/usr/bin/hipache --config /etc/hipache/config.json");
    }

    @Test
    void makesAnArchiveOfTheClassesAndAgainForAnotherJava(@TempDir Path prefix) throws Exception {
        install(prefix);
        Path archive = prefix.resolve("lib/hipache/hipache.jsa");
        assertThat(archive).isRegularFile();
        Path label = Files.writeString(prefix.resolve("lib/hipache/hipache.jsa.txt"), "another Java");
        Files.delete(archive);

        // the program ends because the file is missing, but it prepares its start before
        Script first = Script.run(prefix.resolve("bin/hipache"), Map.of(), "--config", "none.json");
        Script second = Script.run(prefix.resolve("bin/hipache"), Map.of(), "--config", "none.json");

        assertThat(first.err()).contains("preparing a quick start with this Java, once");
        assertThat(second.err()).doesNotContain("preparing");
        assertThat(archive).isRegularFile();
        assertThat(label).content().doesNotContain("another Java");
    }

    @Test
    void startsWithoutAnArchiveWhereItCannotBeMade(@TempDir Path prefix) throws Exception {
        install(prefix);
        Files.writeString(prefix.resolve("lib/hipache/hipache.jsa.txt"), "another Java");

        Script dry = Script.run(prefix.resolve("bin/hipache"), Map.of(), "--dry");

        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.err()).doesNotContain("preparing").doesNotContain("arning");
    }

    @Test
    void refusesARelativePrefix() throws Exception {
        Script install = Script.run(INSTALL, Map.of("PREFIX", "somewhere"));

        assertThat(install.code()).isEqualTo(2);
        assertThat(install.err()).contains("PREFIX must be an absolute path, got somewhere");
    }

    private static Script install(Path prefix) throws Exception {
        return Script.run(INSTALL, Map.of("PREFIX", prefix.toString()));
    }
}
