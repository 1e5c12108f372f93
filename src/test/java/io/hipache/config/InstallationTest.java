package io.hipache.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
    @Test
    void choosesTheFileByFlavor(@TempDir Path home) {
        Installation tree = new Installation(home);

        assertThat(tree.configFile(null)).isEqualTo(home.resolve("config.json"));
        assertThat(tree.configFile("")).isEqualTo(home.resolve("config.json"));
        assertThat(tree.configFile("test")).isEqualTo(home.resolve("config_test.json"));
    }

    @Test
    void looksUnderEtcOnceInstalled(@TempDir Path home) throws Exception {
        Files.createDirectory(home.resolve("etc"));

        assertThat(new Installation(home).configFile(null)).isEqualTo(home.resolve("etc/config.json"));
    }

    @Test
    void namesThePageOfAnInstalledProgramWithItsFolder(@TempDir Path prefix) throws Exception {
        Path home = Files.createDirectories(prefix.resolve("lib/hipache"));
        Installation installed = new Installation(home);
        String before = installed.page("docs/reasons.md#draining");
        Files.createDirectories(prefix.resolve("share/doc/hipache/docs"));

        assertThat(before).isEqualTo("docs/reasons.md#draining");
        assertThat(installed.page("docs/reasons.md#draining"))
                .isEqualTo(prefix + "/share/doc/hipache/docs/reasons.md#draining");
    }

    @Test
    void namesThePageOfATreeAsItIsThere(@TempDir Path prefix) throws Exception {
        Path home = Files.createDirectories(prefix.resolve("lib/hipache"));
        Files.createDirectories(prefix.resolve("share/doc/hipache/docs"));
        Files.createDirectory(home.resolve("docs"));

        assertThat(new Installation(home).page("docs/tls.md")).isEqualTo("docs/tls.md");
    }

    @Test
    void namesTheFolderThatAdministratorsKnow(@TempDir Path root) throws Exception {
        Path etc = Files.createDirectories(root.resolve("etc/hipache"));
        Path home = Files.createDirectories(root.resolve("usr/lib/hipache"));

        Files.createSymbolicLink(home.resolve("etc"), Path.of("../../../etc/hipache"));
        assertThat(new Installation(home).configFile(null)).isEqualTo(etc.resolve("config.json"));

        Files.delete(home.resolve("etc"));
        Files.createSymbolicLink(home.resolve("etc"), etc);
        assertThat(new Installation(home).configFile("test")).isEqualTo(etc.resolve("config_test.json"));
    }

    @Test
    void findsItselfInTheSourceTree() {
        assertThat(Installation.find().home().resolve("pom.xml")).exists();
    }
}
