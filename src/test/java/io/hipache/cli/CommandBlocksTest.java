package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.config.Installation;
import io.hipache.docs.Markdown;
import io.hipache.docs.Markdown.Fence;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Every command in the documentation works: the blocks of {@code sh}, and the lines of {@code console} that begin with
 * {@code $}. The output of these must have the rows that the block shows, unless it is {@code console example}. Each page runs
 * from its first block to its last, beside a real Redis, a running program and a backend. A command that ends with another code
 * than 0 fails the test, and so does an answer with an error to {@code curl}.
 */
@SuppressWarnings("NullAway.Init") // BeforeAll
class CommandBlocksTest {
    /** Commands that end with 1 when they find what the page describes. */
    private static final Set<String> END_WITH_ONE = Set.of(
            // no backend is marked dead in this test
            "hipache revive www.example.com --all");

    /** Pages on which a frontend is written first. All others are about one that is there. */
    private static final Set<String> BEGIN_WITH_NOTHING = Set.of("README.md", "docs/install.md", "docs/routing.md");

    /** Not a command for all commands, one of the launcher alone, or a line of the log. */
    private static final Pattern IN_A_LINE =
            Pattern.compile("(?:sudo )?hipache ((?!COMMAND |--make-archive|ends )[^…<]*)");

    /** A command with a placeholder such as {@code <host>}, which would read a file of this name. */
    private static final Pattern REDIRECTED =
            Pattern.compile("^(?:sudo |hipache [a-z-]|redis-cli |curl |mvn |scripts/).*<");

    private static final Pattern COMMAND = Pattern.compile(
            "(?:\\$ |# )?(?:sudo|hipache|redis-cli|curl|mvn|apt-get|systemctl|docker|scripts/[a-z-]+) .*");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path home;

    private static TestRedis redis;
    private static TestBackend backend;
    private static Process program;
    private static CommandServer commands;
    private static PageShell shell;

    @BeforeAll
    static void startTheProgram() throws Exception {
        assumeTrue(isInstalled("bash") && isInstalled("curl"), "without bash and curl no command is tested");
        redis = TestRedis.start();
        backend = TestBackend.on(InetAddress.getByName("0.0.0.0"), Response.ok("hello"));
        int port = TestRedis.freePort();
        int adminPort = TestRedis.freePort();
        writeConfigurations(port, adminPort);
        program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.hipache.Main",
                        "--config",
                        home.resolve("etc/config.json").toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("program.log").toFile())
                .start();
        commands = new CommandServer(home, redis, program.pid());
        shell = new PageShell(commands, home, port, adminPort, backend.port());
        await().atMost(PATIENCE).failFast(() -> !program.isAlive()).until(() -> isReady(port));
    }

    private static void writeConfigurations(int port, int adminPort) throws IOException {
        Files.createDirectories(home.resolve("etc/hipache"));
        Files.writeString(home.resolve("etc/hipache/admin.token"), "secret\n");
        Files.createDirectories(home.resolve("etc/ssl"));
        Files.copy(TestTls.KEY, home.resolve("etc/ssl/www.key"));
        Files.copy(TestTls.CERT, home.resolve("etc/ssl/www.crt"));
        Files.createDirectories(home.resolve("static-errors"));
        String config =
                """
                {"server": {"accessLog": "%1$s/access.log", "workers": 1,
                            "admin": {"port": %2$d, "tokenFile": "%1$s/etc/hipache/admin.token", "write": true}},
                 "http": {"bind": [{"address": "127.0.0.1", "port": %3$d}]},
                 "https": {"bind": [{"address": "127.0.0.1", "port": %4$d}], "key": "%5$s", "cert": "%6$s"},
                 "driver": "%7$s", "user": "%8$s"}
                """
                        .formatted(
                                home,
                                adminPort,
                                port,
                                TestRedis.freePort(),
                                TestTls.KEY.toAbsolutePath(),
                                TestTls.CERT.toAbsolutePath(),
                                redis.url(),
                                System.getProperty("user.name"));
        Files.writeString(home.resolve("etc/config.json"), config);
        Files.writeString(home.resolve("etc/config_test.json"), config);
    }

    private static boolean isInstalled(String name) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    private static boolean isReady(int port) throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            return client.get("__ready__", "/").readResponse().status() == 200;
        } catch (RuntimeException e) {
            if (e.getCause() instanceof ConnectException) {
                return false;
            }
            throw e;
        }
    }

    @AfterAll
    static void endTheProgram() throws Exception {
        if (shell == null) {
            return;
        }
        commands.close();
        program.destroy();
        assertThat(program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        backend.close();
        redis.close();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandOfThePageWorks(Markdown page) throws Exception {
        Path folder = Files.createDirectory(home.resolve("page-" + page.file().getFileName()));
        List<Fence> blocks = blocks(page);
        redis.flush();
        if (!BEGIN_WITH_NOTHING.contains(page.toString())) {
            redis.rpush(
                    "frontend:www.example.com",
                    "mywebsite",
                    "http://127.0.2.1:" + backend.port(),
                    "http://127.0.2.2:" + backend.port());
        }

        PageShell.Result result = shell.run(folder, blocks);

        assertThat(result.failures()).as(result.output()).allMatch(failure -> END_WITH_ONE.stream()
                .anyMatch(command -> failure.endsWith(": exit code 1: " + command)));
        assertThat(result.output()).endsWith("the page is over\n");
        assertThat(blocks)
                .filteredOn(block -> block.language().equals("console"))
                .allSatisfy(block -> assertThat(firstWords(result.printedBy(block)))
                        .as("the rows that " + block + " shows. What is in them depends on the moment")
                        .containsAll(firstWords(block.content())));
    }

    @Test
    void everyCommandInALineIsOneThatHipacheUnderstands() {
        List<String> wrong = new ArrayList<>();
        int commandsInLines = 0;

        for (Markdown page : Markdown.all()) {
            for (String code : page.inlineCode()) {
                if (REDIRECTED.matcher(code.replaceAll("'[^']*'", "")).find()) {
                    wrong.add(page + ": " + code + ": a shell takes < for a redirection");
                }
                Matcher command = IN_A_LINE.matcher(code);
                if (command.matches()) {
                    commandsInLines++;
                    String refusal =
                            refusal(command.group(1).replace("PID", "4711").split(" ", -1));
                    if (refusal != null) {
                        wrong.add(page + ": " + code + ": " + refusal);
                    }
                }
            }
        }

        assertThat(commandsInLines).isGreaterThan(20);
        assertThat(wrong).isEmpty();
    }

    @Test
    void thePackageRunsCommandsThatHipacheUnderstands() throws IOException {
        Pattern command = Pattern.compile("(?m)^ *(?:Exec\\w+=\\S*)?hipache ([a-z][^|&;#\\n]*)");
        List<String> found = new ArrayList<>();

        for (String file : List.of("src/release/deb/postinst", "src/release/deb/prerm", "src/release/deb/postrm")) {
            command.matcher(Files.readString(Path.of(file)))
                    .results()
                    .forEach(call -> found.add(call.group(1).strip().replace("\"$pid\"", "4711")));
        }

        assertThat(found).isNotEmpty().allSatisfy(words -> assertThat(refusal(words.split(" ", -1)))
                .as(words)
                .isNull());
    }

    private static @Nullable String refusal(String... args) {
        try {
            HipacheCommand.commandLine(new Installation(home), null, args).parseArgs(args);
            return null;
        } catch (CommandLine.MissingParameterException e) {
            // a sentence about the command names it, and nothing more
            return null;
        } catch (CommandLine.ParameterException e) {
            return e.getMessage();
        }
    }

    @Test
    void everyBlockOfCommandsHasItsMark() {
        assertThat(Markdown.all().stream()
                        .flatMap(page -> page.fences().stream())
                        .filter(fence -> fence.language().isEmpty()))
                .isNotEmpty()
                .allSatisfy(fence -> assertThat(fence.lines())
                        .as("%s is no block of sh or console", fence)
                        .noneMatch(line -> COMMAND.matcher(line).matches()));
    }

    @Test
    void theFileOfFrontendsIsOneThatImportTakes() throws Exception {
        Fence file =
                Markdown.read(Path.of("docs", "commands.md")).fences("yaml").get(0);
        String written = Files.writeString(home.resolve("frontends.yaml"), file.content())
                .toString();
        redis.flush();

        int code = HipacheCommand.commandLine(new Installation(home), null, "import", written)
                .execute("import", written);

        assertThat(code).isZero();
        assertThat(redis.exists("frontend:www.example.com")).isTrue();
    }

    private static List<Markdown> pages() {
        return Markdown.all().stream().filter(page -> !blocks(page).isEmpty()).toList();
    }

    private static List<Fence> blocks(Markdown page) {
        return page.fences().stream()
                .filter(fence -> fence.kind().equals("sh") || fence.kind().equals("console"))
                .toList();
    }

    /** The words with which rows of a table begin. */
    private static List<String> firstWords(String text) {
        return text.lines()
                .filter(line -> !line.startsWith("$ ") && !line.startsWith(" "))
                .map(line -> line.split(" ", -1)[0])
                .toList();
    }
}
