package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.docs.Markdown;
import io.hipache.testing.RawClient;
import io.hipache.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.core.ExecutableProvider;

class InstallIT {
    private static final Path INSTALL = Path.of("scripts/install").toAbsolutePath();
    private static final Path UNINSTALL = Path.of("scripts/uninstall").toAbsolutePath();

    /** An installation that no test changes: most of an installation is the archive of the classes, which takes seconds. */
    private static Path prefix;

    private static Script install;

    @BeforeAll
    static void install(@TempDir Path folder) throws Exception {
        prefix = folder;
        install = Script.run(INSTALL, Map.of("PREFIX", prefix.toString()));
    }

    @Test
    void putsEverythingUnderThePrefix() throws Exception {
        assertThat(install.code()).as(install.err()).isZero();
        assertThat(prefix.resolve("lib/hipache/hipache.jar")).isRegularFile();
        assertThat(prefix.resolve("lib/hipache/static-errors")).isDirectory();
        assertThat(prefix.resolve("lib/hipache/native")).isDirectoryContaining("glob:**epoll*.so");
        assertThat(prefix.resolve("etc/hipache/config.json")).hasSameTextualContentAs(Path.of("config.json"));
        for (String mayHoldSecrets : List.of("etc/hipache/config.json", "etc/default/hipache")) {
            assertThat(Files.getPosixFilePermissions(prefix.resolve(mayHoldSecrets)))
                    .as(mayHoldSecrets)
                    .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        }
        assertThat(prefix.resolve("share/hipache/upstart.conf"))
                .content()
                .contains("exec " + prefix + "/bin/hipache --config")
                .doesNotContain("/usr/local");
        assertThat(prefix.resolve("lib/systemd/system/hipache.service"))
                .content()
                .contains(
                        "ExecStart=" + prefix + "/bin/hipache --config " + prefix + "/etc/hipache/config.json",
                        "ExecReload=" + prefix + "/bin/hipache reload $MAINPID",
                        "Documentation=man:hipache(8)\n",
                        "EnvironmentFile=-" + prefix + "/etc/default/hipache\n",
                        "Type=notify\n")
                .doesNotContain("/usr/local");
        assertThat(prefix.resolve("share/hipache/hipache.logrotate"))
                .content()
                .contains("/var/log/hipache/*.log {", "USR1", "delaycompress");
    }

    @Test
    void saysHowSystemdFindsTheUnitOfAPrefixOfItsOwn() {
        String unit = prefix + "/lib/systemd/system/hipache.service";

        assertThat(install.out()).contains("systemd    " + unit + " (tell systemd where it is: systemctl link " + unit);
    }

    @Test
    void installsEveryPageAndNamesItWithItsFolder() throws Exception {
        Path documentation = prefix.resolve("share/doc/hipache");

        Script refused;
        try (TestRedis redis = TestRedis.start()) {
            refused = Script.run(
                    prefix.resolve("bin/hipache"), Map.of("HIPACHE_DRIVER", redis.url()), "explain", "nosuch.example");
        }

        assertThat(Markdown.all()).isNotEmpty().allSatisfy(page -> assertThat(
                        documentation.resolve(page.file().toString()))
                .hasSameTextualContentAs(page.file()));
        assertThat(documentation.resolve("docs/picture.svg")).isRegularFile();
        assertThat(documentation.resolve("docs/flames/small.html")).isRegularFile();
        assertThat(refused.out())
                .as(refused.err())
                .contains("See " + documentation.toRealPath() + "/docs/reasons.md#no_frontend");
    }

    @Test
    void installsAUnitThatSystemdUnderstands() throws Exception {
        Path analyze = Path.of("/usr/bin/systemd-analyze");
        assumeTrue(Files.isExecutable(analyze), "there is no systemd");

        Script verified = Script.run(
                analyze,
                Map.of(),
                "verify",
                // the manual page of a prefix is not where this man looks
                "--man=no",
                prefix.resolve("lib/systemd/system/hipache.service").toString());

        assertThat(verified.err()).isEmpty();
        assertThat(verified.code()).isZero();
    }

    private static List<Path> files(Path folder) throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> !Files.isDirectory(file) || Files.isSymbolicLink(file))
                    .toList();
        }
    }

    @Test
    void installsAProgramThatRuns() throws Exception {
        Path hipache = prefix.resolve("bin/hipache");

        Script dry = Script.run(hipache, Map.of("SETTINGS_FLAVOR", "test"), "--dry");

        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.err()).contains("Loading config from " + prefix.toRealPath() + "/etc/hipache/config_test.json");
        assertThat(dry.out()).contains(prefix.toRealPath() + "/lib/hipache/static-errors");
    }

    /** A class that the archive lacks is read, parsed and verified in each new worker. */
    @Test
    void listsTheClassesOfEachProtocolForTheArchive(@TempDir Path folder) throws Exception {
        Path list = folder.resolve("classes");

        Script listing = Script.run(prefix.resolve("bin/hipache"), Map.of(), "--list-classes", list.toString());

        assertThat(listing.code()).as(listing.err()).isZero();
        assertThat(listing.out() + listing.err())
                .as("the store of the rehearsal answers as Redis does")
                .contains("is dead (http://127.0.0.1:")
                .doesNotContain("Redis cannot answer", "not marked");
        assertThat(Files.readAllLines(list).stream().map(line -> line.split(" ", 2)[0]))
                .contains(
                        // no rehearsal has a Sentinel
                        "io/hipache/driver/sentinel/SentinelQuestion",
                        // what the warm-up loads
                        "io/lettuce/core/protocol/CommandHandler",
                        "io/netty/handler/codec/http2/DefaultHttp2Connection",
                        "io/netty/internal/tcnative/SSLContext",
                        "io/netty/handler/ssl/SslHandler");
    }

    @Test
    void unpacksALibraryAgainThatIsDamaged(@TempDir Path folder) throws Exception {
        Path library;
        try (Stream<Path> libraries = Files.list(prefix.resolve("lib/hipache/native"))) {
            library = libraries
                    .filter(file -> file.toString().contains("tcnative"))
                    .findAny()
                    .orElseThrow();
        }
        byte[] whole = Files.readAllBytes(library);
        byte[] damaged = whole.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(library, damaged);

        Script start = Script.run(
                prefix.resolve("bin/hipache"),
                Map.of(),
                "--list-classes",
                folder.resolve("classes").toString());

        assertThat(start.code()).as(start.err()).isZero();
        assertThat(library).hasBinaryContent(whole);
        assertThat(Files.getPosixFilePermissions(library)).isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stream<Path> left = Files.list(library.resolveSibling("."))) {
            assertThat(left).noneMatch(file -> file.toString().contains("unpacked"));
        }
    }

    @Test
    void leavesTheEmbeddedRedisOutAndSaysHowToGetOne(@TempDir Path tools) throws Exception {
        String path = linkToolsInto(tools);

        Script dev = Script.run(prefix.resolve("bin/hipache"), Map.of("PATH", path), "--dev", "--dev-port", freePort());

        try (Stream<Path> files = Files.walk(prefix)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().contains("embedded-redis"));
        }
        assertThat(dev.code()).isEqualTo(1);
        assertThat(dev.err())
                .contains(
                        "there is no redis-server in the PATH", "apt-get install --no-install-recommends redis-server")
                .doesNotContain("\tat ");
    }

    @Test
    void triesItWithARedisOfThePath(@TempDir Path tools, @TempDir Path out) throws Exception {
        String path = linkToolsInto(tools);
        Path redis =
                ExecutableProvider.newJarResourceProvider(tools.toFile()).get().toPath();
        Files.move(redis, tools.resolve("redis-server"));
        Path said = out.resolve("said");

        Process dev = Script.start(
                        prefix.resolve("bin/hipache"), Map.of("PATH", path), "--dev", "--dev-port", freePort())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(said).contains("Ctrl-C ends all of it."));
            assertThat(dev.descendants().map(child -> child.info().command().orElse("")))
                    .contains(tools.toRealPath().resolve("redis-server").toString());
        } finally {
            dev.destroy();
            assertThat(dev.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String freePort() {
        return String.valueOf(TestRedis.freePort());
    }

    /** The tools of this machine without a Redis. */
    private static String linkToolsInto(Path folder) throws Exception {
        for (String place : List.of("/bin", "/usr/bin")) {
            try (Stream<Path> tools = Files.list(Path.of(place))) {
                for (Path tool : tools.toList()) {
                    String name = tool.getFileName().toString();
                    if (!name.startsWith("redis")
                            && !name.startsWith("valkey")
                            && !Files.exists(folder.resolve(name))) {
                        Files.createSymbolicLink(folder.resolve(name), tool);
                    }
                }
            }
        }
        return folder.toString();
    }

    @Test
    void keepsAConfigurationThatIsThere(@TempDir Path stage) throws Exception {
        Path config = stage.resolve("usr/local/etc/hipache/config.json");
        Files.createDirectories(config.getParent());
        Files.writeString(config, "{\"user\": \"mine\"}");
        Path stale = Files.createDirectories(stage.resolve("usr/local/lib/hipache/lib"))
                .resolve("stale.jar");
        Files.createFile(stale);

        Script again = Script.run(INSTALL, Map.of("DESTDIR", stage.toString(), "PREFIX", "/usr/local"));

        assertThat(again.out()).contains("kept       " + config);
        assertThat(config).hasContent("{\"user\": \"mine\"}");
        assertThat(stale).doesNotExist();
    }

    @Test
    void stagesForPackagers(@TempDir Path stage) throws Exception {
        Script staging = Script.run(INSTALL, Map.of("DESTDIR", stage.toString(), "PREFIX", "/usr"));

        assertThat(staging.code()).as(staging.err()).isZero();
        assertThat(stage.resolve("usr/bin/hipache")).isExecutable();
        assertThat(stage.resolve("etc/hipache/config.json")).exists();
        assertThat(stage.resolve("usr/lib/hipache/hipache.jsa")).doesNotExist();
        assertThat(Files.readSymbolicLink(stage.resolve("usr/lib/hipache/etc"))).hasToString("/etc/hipache");
        assertThat(stage.resolve("usr/lib/systemd/system/hipache.service"))
                .content()
                .contains("ExecStart=/usr/bin/hipache --config /etc/hipache/config.json");
    }

    @Test
    void makesAnArchiveOfTheClassesAndAgainForAnotherJava(@TempDir Path copy) throws Exception {
        assertThat(prefix.resolve("lib/hipache/hipache.jsa")).isRegularFile();
        copyTo(copy);
        Path archive = copy.resolve("lib/hipache/hipache.jsa");
        Path label = Files.writeString(copy.resolve("lib/hipache/hipache.jsa.txt"), "another Java");
        Files.delete(archive);

        // the program ends because the file is missing, but it prepares its start before
        Script first = Script.run(copy.resolve("bin/hipache"), Map.of(), "--config", "none.json");
        Script second = Script.run(copy.resolve("bin/hipache"), Map.of("TZ", "Asia/Tokyo"), "--config", "none.json");

        assertThat(first.err()).contains("preparing a quick start with this Java, once");
        assertThat(second.err()).doesNotContain("preparing");
        assertThat(archive).isRegularFile();
        assertThat(label).content().doesNotContain("another Java");
    }

    /** Java does not use an archive whose program was somewhere else, and does not say so. */
    @Test
    void makesTheArchiveAgainInAnotherFolder(@TempDir Path copy) throws Exception {
        copyTo(copy);
        assertThat(copy.resolve("lib/hipache/hipache.jsa")).isRegularFile();

        Script first = Script.run(copy.resolve("bin/hipache"), Map.of(), "--config", "none.json");

        assertThat(first.err()).contains("preparing a quick start with this Java, once");
        assertThat(copy.resolve("lib/hipache/hipache.jsa.txt"))
                .content()
                .contains(copy.toRealPath() + "/lib/hipache\n");
    }

    /** SIGTERM to the launcher alone, as from a service manager. */
    @Test
    void leavesNothingBehindWhenItIsStoppedWhileItMakesTheArchive(@TempDir Path copy) throws Exception {
        copyTo(copy);
        Path program = copy.resolve("lib/hipache");
        Files.delete(program.resolve("hipache.jsa"));
        Files.delete(program.resolve("hipache.jsa.txt"));
        Set<Path> before = Set.copyOf(files(program));
        // as after a SIGKILL: no process has this number
        Files.createFile(program.resolve("hipache.4194305.classes"));

        Process start = Script.start(copy.resolve("bin/hipache"), Map.of(), "--config", "none.json")
                .redirectErrorStream(true)
                .redirectOutput(copy.resolve("said").toFile())
                .start();
        try {
            Path list = program.resolve("hipache." + start.pid() + ".worker");
            await().atMost(Duration.ofSeconds(60))
                    .failFast(() -> !start.isAlive())
                    .until(() -> Files.exists(list));
            List<ProcessHandle> making = start.descendants().toList();
            start.destroy();

            assertThat(start.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(start.exitValue()).isEqualTo(143);
            assertThat(making).isNotEmpty();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(making).noneMatch(ProcessHandle::isAlive));
            assertThat(files(program)).containsExactlyInAnyOrderElementsOf(before);
        } finally {
            start.descendants().forEach(ProcessHandle::destroyForcibly);
            start.destroyForcibly();
        }
    }

    @Test
    void startsWithoutAnArchiveWhereItCannotBeMade(@TempDir Path copy) throws Exception {
        copyTo(copy);
        Files.writeString(copy.resolve("lib/hipache/hipache.jsa.txt"), "another Java");

        Script dry = Script.run(copy.resolve("bin/hipache"), Map.of(), "--dry");

        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.err()).doesNotContain("preparing").doesNotContain("arning");
    }

    /** As on a hardened machine after an update of Java: nobody can write where the program is, and nothing runs from /tmp. */
    @Test
    void servesFromAReadOnlyRootWithANoexecTmpAndSaysThatTheArchiveIsOld(@TempDir Path folder) throws Exception {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        Path tmp = Files.createDirectory(folder.resolve("tmp"));
        copyTo(copy);
        Files.writeString(copy.resolve("lib/hipache/hipache.jsa.txt"), "another Java");
        int port = TestRedis.freePort();
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "-", "port": %d, "workers": 1, "address": "127.0.0.1"},
                 "driver": "redis://127.0.0.1:1", "user": "root"}
                """
                        .formatted(port));
        Path hardened = Files.writeString(
                folder.resolve("hardened"),
                """
                #!/bin/sh
                set -e
                mount --make-rprivate /
                mount -t tmpfs -o noexec tmpfs %s
                mount --bind / /mnt
                mount -o remount,bind,ro /mnt
                mount --rbind /proc /mnt/proc
                mount --rbind /dev /mnt/dev
                mount --bind %s /mnt%s
                exec chroot /mnt %s --config %s
                """
                        .formatted(tmp, tmp, tmp, copy.resolve("bin/hipache"), config));
        Path output = folder.resolve("output");
        Process mounted = new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", tmp.toString()).start();
        assumeTrue(mounted.waitFor() == 0, "mounting is not allowed");

        Process program = Script.start(
                        Path.of("/usr/bin/unshare"),
                        Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + tmp),
                        "-m",
                        "sh",
                        hardened.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .failFast(() -> !program.isAlive())
                    .until(() -> Files.readString(output).contains("is ready"));

            try (RawClient client = RawClient.connect(port)) {
                assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
            }
            long worker = program.children().findFirst().orElseThrow().pid();
            assertThat(Files.readString(Path.of("/proc", String.valueOf(worker), "maps")))
                    .contains(copy + "/lib/hipache/native/libnetty_transport_native_epoll");
            assertThat(Files.readString(output).lines().filter(line -> line.startsWith("hipache: ")))
                    .singleElement()
                    .asString()
                    .contains(
                            "starts more slowly: ",
                            "is not of this Java and program, and cannot be written here.",
                            "Run \"hipache --make-archive\" as root");
            // its files must not go while it runs
            Script uninstall = Script.run(UNINSTALL, Map.of("PREFIX", copy.toString()));
            assertThat(uninstall.code()).isEqualTo(1);
            assertThat(uninstall.err()).contains("it runs, as process " + program.pid() + " - stop it first");
            assertThat(copy.resolve("lib/hipache/hipache.jar")).exists();
        } finally {
            program.descendants().forEach(ProcessHandle::destroyForcibly);
            program.destroyForcibly();
        }
    }

    @Test
    void refusesARelativePrefix() throws Exception {
        Script relative = Script.run(INSTALL, Map.of("PREFIX", "somewhere"));

        assertThat(relative.code()).isEqualTo(2);
        assertThat(relative.err()).contains("PREFIX must be an absolute path, got somewhere");
    }

    /** Copies the installation, for a test that changes it. */
    private static void copyTo(Path copy) throws Exception {
        assertThat(new ProcessBuilder("cp", "-a", prefix + "/.", copy.toString())
                        .start()
                        .waitFor())
                .isZero();
    }
}
