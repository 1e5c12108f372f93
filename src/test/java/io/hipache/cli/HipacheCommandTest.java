package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.cli.common.Setting;
import io.hipache.config.Installation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class HipacheCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"-d", "-t", "--dry"})
    void printsTheResolvedConfiguration(String dry, @TempDir Path home) throws Exception {
        Path file = Files.writeString(
                home.resolve("some.json"),
                """
                {"server": {"port": 8080}, "driver": "redis://:s3cret@h"}
                """);

        int code = run(home, null, dry, "--offline", "--config", file.toString());

        assertThat(code).isZero();
        assertThat(out.toString())
                .contains("\"port\" : 8080", "\"tcpTimeout\" : 30", "redis://:***@h:6379/0")
                .doesNotContain("s3cret");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void printsWhatAWorkerMakesOfDefaultsAndWhichKeysAreOff(@TempDir Path home) throws Exception {
        Path file =
                Files.writeString(home.resolve("any.json"), "{\"server\": {\"memoryLimit\": 400, \"maxRequests\": 7}}");

        run(home, null, "--dry", "--offline", "--config", file.toString());

        assertThat(out.toString())
                .contains("\"maxRequests\" : 7", "\"bodyMemory\" : 100", "\"headMemory\" : 50")
                .containsPattern("\"maxConnections\" : [1-9]")
                .containsPattern("\"maxConnectionsPerAddress\" : [1-9]")
                .contains("\"activeCheck\" : null", "\"lruCache\" : null", "\"snapshot\" : null", "\"admin\" : null");
    }

    @Test
    void tellsEveryProblemAndEndsWithTwo(@TempDir Path home) throws Exception {
        Path file = Files.writeString(
                home.resolve("some.json"),
                """
                {"server": {"workers": "five", "wokers": 5}, "driver": "etcd://h"}
                """);

        int code = run(home, null, "-c", file.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo(
                        """
                hipache: %s cannot be used, 2 problems:
                  server.workers: expected a whole number of at least 1, got "five"
                  driver: unknown driver etcd:, the ones known are redis:, rediss:, redis-socket: and redis-sentinel:
                  warning: server.wokers: unknown key, ignored, did you mean server.workers?
                """
                                .formatted(file));
    }

    @Test
    void readsTheFileOfTheInstallation(@TempDir Path home) throws Exception {
        Files.writeString(home.resolve("config.json"), "{\"driver\": \"redis:#plain\"}");
        Files.writeString(home.resolve("config_test.json"), "{\"driver\": \"redis:#flavored\"}");

        run(home, null, "--dry", "--offline");
        assertThat(out.toString()).contains("plain").doesNotContain("flavored");

        run(home, "test", "--dry", "--offline");
        assertThat(out.toString()).contains("flavored");
    }

    @Test
    void saysWhichFileIsMissing(@TempDir Path home) {
        int code = run(home, "prod", "--dry");

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains(home.resolve("config_prod.json").toString(), "cannot read the file: no such file or folder");
    }

    @Test
    void explainsItself(@TempDir Path home) {
        assertThat(run(home, null, "--help")).isZero();
        assertThat(out.toString())
                .contains("-c, --config=FILE", "-d, -t, --dry", "--dev ", "SETTINGS_FLAVOR")
                .doesNotContain("worker");
    }

    @Test
    void knowsItsVersion(@TempDir Path home) {
        assertThat(run(home, null, "-V")).isZero();
        assertThat(out.toString()).matches("hipache \\d+\\.\\d+.*\\R");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--frobnicate | hipache has no option '--frobnicate' | hipache",
                "--dev-port=5 | --dev is missing | hipache",
                "--config | --config needs a value: FILE | hipache",
                "--offline | --offline needs --dry | hipache",
                "--upgrade=x | --upgrade: expected a whole number, got 'x' | hipache",
                "--dry --dry | --dry stands there twice | hipache",
                "nonsense | there is no command 'nonsense' | hipache",
                "explian | there is no command 'explian'; did you mean explain? | hipache",
                "explain | HOST is missing: hipache explain takes HOST and options | hipache explain",
                "add | HOST is missing: hipache add takes HOST URL and options | hipache add",
                "set foo.bar | URL is missing: hipache set takes HOST URL and options | hipache set",
                "explain a b | 'b' is one argument too many: hipache explain takes HOST and options | hipache explain",
                "status a | 'a' is one argument too many: hipache status takes options alone | hipache status",
                "explain a --jsno | hipache explain has no option '--jsno'; did you mean --json? | hipache explain",
                "drain a b --timeout x | --timeout: expected a whole number, got 'x' | hipache drain",
                "drain a b --timeout | --timeout needs a value: SECONDS | hipache drain",
                "export --format xml | --format: expected json or yaml, got 'xml' | hipache export",
                "reload --dry | hipache reload has no option '--dry' | hipache reload",
                "reload 1 2 | '2' is one argument too many: hipache reload takes PID and options | hipache reload",
            })
    void saysInOneLineWhatIsWrongWithTheCommandLine(String words, String message, String help, @TempDir Path home) {
        assertThat(run(home, null, words.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString()).isEqualTo("hipache: " + message + "\nTry '" + help + " --help'\n");
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--upgrade=0", "--upgrade=-1", "--upgrade=hipache", "--upgrade=1 --dry", "--upgrade=1 --dev"})
    void refusesAnUpgradeThatCannotBe(String arguments, @TempDir Path home) {
        assertThat(run(home, null, arguments.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString()).contains("--upgrade");
    }

    @Test
    void refusesToTryOutAndCheckAtOnce(@TempDir Path home) {
        assertThat(run(home, null, "--dev", "--dry")).isEqualTo(2);
        assertThat(err.toString()).contains("--dry and --dev cannot be combined");
        assertThat(run(home, null, "--offline")).isEqualTo(2);
        assertThat(err.toString()).contains("--offline needs --dry");
    }

    @Test
    void refusesAWrongPortForTryingOut(@TempDir Path home) {
        assertThat(run(home, null, "--dev", "--dev-port", "70000")).isEqualTo(2);
        assertThat(err.toString()).contains("expected a port from 1 to 65535, got 70000");
    }

    @Test
    void hasNobodyToReload(@TempDir Path home) {
        assertThat(run(
                        home,
                        null,
                        "reload",
                        String.valueOf(ProcessHandle.current().pid())))
                .isEqualTo(2);

        assertThat(err.toString())
                .startsWith("hipache: process " + ProcessHandle.current().pid()
                        + " is no supervisor of Hipache that this user can ask");
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reload hipache", "reload 1 2", "reload --dry"})
    void refusesAReloadThatCannotBe(String arguments, @TempDir Path home) {
        assertThat(run(home, null, arguments.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString()).startsWith("hipache: ").endsWith("Try 'hipache reload --help'\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--config other.json explain foo.bar",
                "-c other.json status",
                "--json explain foo.bar",
                "--timeout=5 drain foo.bar http://a:80",
                "--timeout 5 drain foo.bar http://a:80",
                "--all revive foo.bar"
            })
    void refusesOptionsInFrontOfACommand(String arguments, @TempDir Path home) {
        assertThat(run(home, null, arguments.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString())
                .startsWith("hipache: --")
                .contains(" in front of a command has no effect. Put the options behind the command: hipache ");
        assertThat(err.toString().lines()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dry status", "-c other.json reload", "--jsno explain foo.bar"})
    void namesNoPlaceForAnOptionThatTheCommandDoesNotHave(String arguments, @TempDir Path home) {
        assertThat(run(home, null, arguments.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString())
                .contains(" in front of a command has no effect. hipache ", " has no such option. ")
                .doesNotContain("Put the options");
    }

    @Test
    void explainsItselfAlsoInFrontOfACommand(@TempDir Path home) {
        assertThat(run(home, null, "--help", "explain", "foo.bar")).isZero();

        assertThat(out.toString()).contains("usage: hipache");
    }

    @Test
    void knowsEachCommandByItsName(@TempDir Path home) {
        CommandLine all = HipacheCommand.commandLine(new Installation(home), null, "--help");

        assertThat(all.getSubcommands().keySet())
                .containsExactlyElementsOf(HipacheCommand.commands(new Setting(new Installation(home), null))
                        .keySet());
    }

    @Test
    void makesOnlyTheCommandThatTheWordsName(@TempDir Path home) {
        Installation here = new Installation(home);

        assertThat(HipacheCommand.commandLine(here, null, "--config", "c.json").getSubcommands())
                .isEmpty();
        assertThat(HipacheCommand.commandLine(here, null, "explain", "a.example")
                        .getSubcommands())
                .containsOnlyKeys("explain");
        assertThat(HipacheCommand.commandLine(here, null, "explian", "a.example")
                        .getSubcommands())
                .containsKeys("explain", "stop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--config wrong.json",
                "-c wrong.json",
                "-c missing.json",
                "",
                "-c -d",
                "-c @wrong.json",
                "-c",
                "wrong.json"
            })
    void aUsualStartSaysWhatPicocliSays(String words, @TempDir Path home) throws Exception {
        Files.writeString(home.resolve("wrong.json"), "{\"server\": {\"port\": 0, \"no such key\": 1}}");
        String[] args = Stream.of(words.split(" "))
                .filter(word -> !word.isEmpty())
                .map(word -> word.endsWith(".json") && !word.startsWith("@")
                        ? home.resolve(word).toString()
                        : word)
                .toArray(String[]::new);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream before = System.err;
        int code;
        try {
            System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
            code = HipacheCommand.run(new Installation(home), null, args);
        } finally {
            System.setErr(before);
        }

        assertThat(code).isEqualTo(run(home, null, args)).isEqualTo(2);
        assertThat(withoutLog(said.toString(StandardCharsets.UTF_8)))
                .isNotBlank()
                .isEqualToNormalizingNewlines(err.toString());
    }

    private static String withoutLog(String said) {
        return said.lines()
                .filter(line -> !line.contains("Loading config from"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private int run(Path home, @Nullable String flavor, String... args) {
        CommandLine command = HipacheCommand.commandLine(new Installation(home), flavor, args);
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
