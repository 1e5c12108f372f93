package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherIT {
    private static final Path LAUNCHER = Path.of("scripts/hipache").toAbsolutePath();

    @Test
    void startsTheProgramWithoutAWordOnStandardError() throws Exception {
        Script version = Script.run(LAUNCHER, Map.of(), "--version");

        assertThat(version).isEqualTo(new Script(0, version.out(), ""));
        assertThat(version.out()).startsWith("hipache ");
    }

    @Test
    void worksThroughSymlinks(@TempDir Path path) throws Exception {
        Path direct = Files.createSymbolicLink(path.resolve("direct"), LAUNCHER);
        Path relative = Files.createSymbolicLink(path.resolve("relative"), direct.getFileName());

        assertThat(Script.run(relative, Map.of(), "--version").code()).isZero();
    }

    @Test
    void readsTheConfigurationOfTheFlavor() throws Exception {
        Script test = Script.run(
                LAUNCHER,
                Map.of("SETTINGS_FLAVOR", "test", "HIPACHE_SERVER_MAX_SOCKETS", "71", "HIPACHE_WORKERS", "5"),
                "--dry",
                "--offline");
        Script plain = Script.run(LAUNCHER, Map.of(), "--dry", "--offline");

        assertThat(test.out()).contains("\"port\" : 1080", "\"workers\" : 2,", "\"maxSockets\" : 71,");
        assertThat(test.err()
                        .lines()
                        .map(line -> line.replaceFirst("^\\d\\d? [A-Z][a-z]{2} \\d\\d:\\d\\d:\\d\\d - ", "")))
                .containsExactly(
                        "Loading config from " + Path.of("config_test.json").toAbsolutePath(),
                        "[warn] WARNING! HIPACHE_WORKERS: unknown environment variable, ignored, did you mean"
                                + " HIPACHE_SERVER_WORKERS?",
                        "from the environment: server.maxSockets (HIPACHE_SERVER_MAX_SOCKETS)",
                        "from the file: driver, server.accessLog, server.address, server.deadBackendTTL, server.port,"
                                + " server.tcpTimeout, server.workers",
                        "by default: everything else");
        assertThat(plain.out()).contains("\"port\" : 80");
        assertThat(plain.code()).isZero();
    }

    @Test
    void passesTheExitCodeOn(@TempDir Path folder) throws Exception {
        Script missing = Script.run(
                LAUNCHER, Map.of(), "--config", folder.resolve("none.json").toString());

        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err())
                .contains("cannot read the file: no such file or folder")
                .doesNotContain("\tat ");
    }

    @Test
    void givesEachLineItsPriorityWhereStandardErrorIsTheJournal(@TempDir Path folder) throws Exception {
        Path config =
                Files.writeString(folder.resolve("config.json"), "{'server': {'workers': 'two'}}".replace('\'', '"'));

        List<String> lines = sayInJournal(folder, Map.of("HIPACHE_WORKERS", "5"), "--config", config.toString());

        assertThat(lines)
                .allMatch(line -> line.matches("<[346]>.*"))
                .contains(
                        "<3>hipache: " + config + " cannot be used, 1 problem:",
                        "<3>  server.workers: expected a whole number of at least 1, got \"two\"")
                .anyMatch(line -> line.startsWith("<6>") && line.endsWith("Loading config from " + config));
    }

    @Test
    void warnsOfTheConfigurationWithThePriorityOfAWarning(@TempDir Path folder) throws Exception {
        List<String> lines = sayInJournal(folder, Map.of("HIPACHE_WORKERS", "5"), "--dry", "--offline");

        assertThat(lines)
                .allMatch(line -> line.matches("<[46]>.*"))
                .anyMatch(line -> line.startsWith("<4>") && line.contains("WARNING! HIPACHE_WORKERS: unknown"));
    }

    @Test
    void saysWithItsPriorityThatThereIsNoJava(@TempDir Path path) throws Exception {
        linkTools(path);

        assertThat(sayInJournal(path, Map.of("PATH", path.toString(), "JAVA_HOME", ""), "--version"))
                .singleElement()
                .asString()
                .startsWith("<3>hipache: needs Java 17 or newer");
    }

    @Test
    void warnsOfAJavaHomeWithThePriorityOfAWarning(@TempDir Path nowhere) throws Exception {
        assertThat(sayInJournal(nowhere, Map.of("JAVA_HOME", nowhere.toString()), "--version"))
                .singleElement()
                .asString()
                .startsWith("<4>hipache: needs Java 17 or newer, and so uses ");
    }

    /** Runs the launcher as systemd does, with a file for the journal. */
    private static List<String> sayInJournal(Path folder, Map<String, String> environment, String... args)
            throws Exception {
        Path journal = Files.createFile(folder.resolve("journal"));
        ProcessBuilder builder = Script.start(LAUNCHER, environment, args)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(journal.toFile());
        builder.environment()
                .put(
                        "JOURNAL_STREAM",
                        Files.getAttribute(journal, "unix:dev") + ":" + Files.getAttribute(journal, "unix:ino"));
        assertThat(builder.start().waitFor(2, TimeUnit.MINUTES)).isTrue();
        return Files.readAllLines(journal);
    }

    @Test
    void saysWhoMayReadTheConfiguration(@TempDir Path folder) throws Exception {
        assumeTrue(Script.run(Path.of("/usr/bin/id"), Map.of(), "-u").out().equals("0\n"), "only root can be nobody");
        Path config = Files.writeString(folder.resolve("config.json"), "{}");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r-----"));

        Script denied = Script.run(
                Path.of("/usr/bin/setpriv"),
                Map.of(),
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                LAUNCHER.toString(),
                "status",
                "-c",
                config.toString());

        assertThat(denied.code()).isEqualTo(2);
        assertThat(denied.out()).contains("no Hipache is running that this user can ask");
        assertThat(denied.err())
                .isEqualTo("hipache: " + config
                        + " cannot be used: cannot read the file: permission denied; run it as root, with sudo\n");
    }

    @Test
    void saysNothingOfAFolderThatItsUserMayNotEnter(@TempDir Path folder) throws Exception {
        assumeTrue(Script.run(Path.of("/usr/bin/id"), Map.of(), "-u").out().equals("0\n"), "only root can be nobody");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

        Script version = Script.run(
                Path.of("/usr/bin/env"),
                Map.of(),
                "--chdir=" + folder,
                "/usr/bin/setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                LAUNCHER.toString(),
                "status");

        assertThat(version.out()).contains("no Hipache is running that this user can ask");
        assertThat(version.err()).doesNotContain("find:");
    }

    /** Netty looks for a network card, and warns where there is none, unless it is told an id of the machine. */
    @Test
    void saysNothingOfAMachineWithoutANetworkCard(@TempDir Path folder) throws Exception {
        Path output = folder.resolve("output");
        Process alone = Script.start(
                        Path.of("/usr/bin/unshare"),
                        Map.of("HIPACHE_DRIVER", "redis://127.0.0.1:1"),
                        "-rn",
                        LAUNCHER.toString(),
                        "status")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(alone.waitFor(2, TimeUnit.MINUTES)).isTrue();
        String said = Files.readString(output);
        assumeTrue(!said.startsWith("unshare:"), "a network of its own is not allowed");

        assertThat(said).contains("cannot connect").doesNotContain("hardware address");
    }

    @Test
    void saysThatThereIsNoJava(@TempDir Path path) throws Exception {
        linkTools(path);

        Script none = Script.run(LAUNCHER, Map.of("PATH", path.toString(), "JAVA_HOME", ""), "--version");

        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .isEqualTo("hipache: needs Java 17 or newer, set JAVA_HOME or put java on the PATH; there is none\n");
    }

    @Test
    void saysThatJavaIsTooOld(@TempDir Path path) throws Exception {
        linkTools(path);
        Path old = fakeJava(path.resolve("old/bin"), "11.0.2");
        Path ancient = fakeJava(path, "1.8.0_292");

        Script none = Script.run(
                LAUNCHER,
                Map.of("PATH", path.toString(), "JAVA_HOME", path.resolve("old").toString()),
                "--version");

        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("needs Java 17 or newer", old + " is version 11", ancient + " is version 1");
    }

    @Test
    void passesOverAnOldJavaHomeAndSaysSo(@TempDir Path path) throws Exception {
        linkTools(path);
        Path old = fakeJava(path.resolve("old/bin"), "11.0.2");
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        script(path.resolve("java"), "exec " + java + " \"$@\"");

        Script version = Script.run(
                LAUNCHER,
                Map.of("PATH", path.toString(), "JAVA_HOME", path.resolve("old").toString()),
                "--version");

        assertThat(version.out()).startsWith("hipache ");
        assertThat(version.err())
                .isEqualTo("hipache: needs Java 17 or newer, and so uses " + path.resolve("java")
                        + " instead of JAVA_HOME; " + old + " is version 11\n");
    }

    @Test
    void saysThatJavaHomeIsNotThere(@TempDir Path nowhere) throws Exception {
        String java = Path.of(System.getProperty("java.home", ""), "bin").toString();

        Script version = Script.run(
                LAUNCHER,
                Map.of("PATH", java + ":" + System.getenv("PATH"), "JAVA_HOME", nowhere.toString()),
                "--version");

        assertThat(version.code()).isZero();
        assertThat(version.err())
                .isEqualTo("hipache: needs Java 17 or newer, and so uses " + java + "/java instead of JAVA_HOME; "
                        + nowhere + "/bin/java is not there\n");
    }

    @Test
    void saysWhatAnIncompleteInstallationLacks(@TempDir Path folder) throws Exception {
        Path scripts = Files.createDirectory(folder.resolve("scripts"));
        Path launcher = Files.copy(LAUNCHER, scripts.resolve("hipache"));

        Script incomplete = Script.run(launcher, Map.of(), "--version");

        assertThat(incomplete.code()).isEqualTo(1);
        assertThat(incomplete.err()).contains("hipache.jar is missing");
    }

    /** Most Javas have a file that says their version, so that nobody need start them to ask. */
    @ParameterizedTest
    @ValueSource(
            strings = {"JAVA_VERSION=\"11.0.2\"\n", "A=\"b\"\r\nJAVA_VERSION=\"11.0.2\"\r\n", "JAVA_VERSION=11.0.2"})
    void readsTheVersionFromTheFileOfJava(String release, @TempDir Path path) throws Exception {
        linkTools(path);
        Path old = fakeJava(path.resolve("old/bin"), "17.0.1");
        Files.writeString(path.resolve("old/release"), release);

        Script none = Script.run(
                LAUNCHER,
                Map.of("PATH", path.toString(), "JAVA_HOME", path.resolve("old").toString()),
                "--version");

        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("needs Java 17 or newer", old + " is version 11");
    }

    @ParameterizedTest
    @ValueSource(strings = {"folder", "empty", "other"})
    void asksJavaWhereNoFileSaysTheVersion(String kind, @TempDir Path path) throws Exception {
        linkTools(path);
        Path old = fakeJava(path.resolve("old/bin"), "11.0.2");
        Path release = path.resolve("old/release");
        if (kind.equals("folder")) {
            Files.createDirectory(release);
        } else {
            Files.writeString(release, kind.equals("empty") ? "" : "NAME=\"Debian\"\n");
        }

        Script none = Script.run(
                LAUNCHER,
                Map.of("PATH", path.toString(), "JAVA_HOME", path.resolve("old").toString()),
                "--version");

        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .contains("needs Java 17 or newer", old + " is version 11")
                .doesNotContain("release");
    }

    @Test
    void saysThatBuildingNeedsMaven(@TempDir Path folder) throws Exception {
        Path path = Files.createDirectory(folder.resolve("path"));
        linkTools(path);
        Files.writeString(folder.resolve("pom.xml"), "<project/>");
        Path scripts = Files.createDirectory(folder.resolve("scripts"));
        Path launcher = Files.copy(LAUNCHER, scripts.resolve("hipache"));

        Script unbuilt = Script.run(launcher, Map.of("PATH", path.toString()), "--version");

        assertThat(unbuilt.code()).isEqualTo(1);
        assertThat(unbuilt.err()).contains("has to be built first, and needs Maven");
    }

    /** The programs that the launcher may use, without the others in the same folders. */
    private static void linkTools(Path path) throws Exception {
        for (String tool : new String[] {"readlink", "find", "stat"}) {
            Path found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow();
            script(path.resolve(tool), "exec " + found + " \"$@\"");
        }
    }

    private static Path fakeJava(Path bin, String version) throws Exception {
        Files.createDirectories(bin);
        return script(bin.resolve("java"), "echo 'openjdk version \"" + version + "\" 2019-01-15' >&2");
    }

    private static Path script(Path file, String line) throws Exception {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
