package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.Reply;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands in this process, on a real Redis. */
class StoreCommandsTest extends CommandLineTest {

    private static final Path CERT = Path.of("src/test/resources/tls/ssl.crt").toAbsolutePath();
    private static final Path KEY = Path.of("src/test/resources/tls/ssl.key").toAbsolutePath();

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @BeforeEach
    void configure() throws Exception {
        redis.flush();
        Files.writeString(
                home.resolve("config.json"),
                """
                {"driver": "%s", "https": {"key": "%s", "cert": "%s"}}
                """
                        .formatted(redis.url(), KEY, CERT));
    }

    @Test
    void addsWhatTheRouterReads() {
        assertThat(run("add", "WWW.Foo.Bar:80", "http://10.0.0.1:80", "http://10.0.0.2", "--id", "my site"))
                .isZero();

        assertThat(redis.command("LRANGE", "frontend:www.foo.bar", "0", "-1"))
                .isEqualTo(List.of("my site", "http://10.0.0.1:80", "http://10.0.0.2"));
        assertThat(run("add", "www.foo.bar", "http://10.0.0.1:80")).isZero();
        assertThat(out.toString()).contains("nothing to do");
    }

    @Test
    void refusesWhatNoRequestCouldUse() {
        assertThat(run("add", "foo.bar", "10.0.0.1:80", "--id", "site")).isEqualTo(2);
        assertThat(err.toString()).contains("expected http://host:port");
        assertThat(run("add", "a.*.bar", "http://a", "--id", "site")).isEqualTo(2);
        assertThat(err.toString()).contains("begins with *.");
        assertThat(run("add", "foo.bar", "http://a")).isEqualTo(2);
        assertThat(err.toString()).contains("say its identifier with --id");
        assertThat(run("set", "foo.bar", "http://a")).isEqualTo(2);
        assertThat(err.toString()).contains("say its identifier with --id");
        assertThat(out.toString()).isEmpty();
        assertThat(redis.exists("frontend:foo.bar")).isFalse();
        assertThat(run("add", "foo.bar", "10.0.0.1:80", "--id", "site", "--force"))
                .isZero();
    }

    @Test
    void explainsADeadBackend() {
        redis.rpush("frontend:*.bar", "site", "http://a:80", "http://b:80");
        redis.sadd("dead:foo.bar", "0", "1");
        redis.sadd("dead:foo.bar;soft", "1");
        redis.command("EXPIRE", "dead:foo.bar", "20");

        assertThat(run("explain", "foo.bar")).isEqualTo(1);

        assertThat(out.toString())
                .contains("there is no frontend:foo.bar", "matches: frontend:*.bar has 2 backends")
                .containsPattern("#0 http://a:80  dead for \\d+ s more, after a hard failure")
                .containsPattern("#1 http://b:80  dead for \\d+ s more, after a soft failure")
                .contains(
                        "gets a 502, no_live_backend: each backend is marked dead", "docs/reasons.md#no_live_backend");
        assertThat(run("dead")).isEqualTo(1);
        assertThat(out.toString()).containsPattern("foo.bar  #0 http://a:80  hard  for \\d+ s more");
        assertThat(run("revive", "foo.bar", "http://a:80")).isZero();
        assertThat(run("explain", "foo.bar")).isZero();
        assertThat(out.toString()).contains("gets to http://a:80, the only backend that counts as alive");
        assertThat(run("revive", "foo.bar", "--all")).isZero();
        assertThat(run("dead")).isZero();
        assertThat(run("revive", "foo.bar", "--all")).isEqualTo(1);
    }

    @Test
    void explainsForPrograms() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "nonsense");

        assertThat(run("explain", "--json", "foo.bar")).isZero();

        assertThat(out.toString())
                .contains(
                        "\"finding\" : \"matches\"",
                        "\"state\" : \"unusable\"",
                        "\"candidates\" : [ \"http://a:80\" ]");
        assertThat(run("explain", "--json", "other.bar")).isEqualTo(1);
        assertThat(out.toString()).contains("\"reason\" : \"no_frontend\"");
    }

    @Test
    void explainsAKeyOfAWrongType() {
        redis.command("SET", "frontend:foo.bar", "x");
        redis.rpush("frontend:other.bar", "site", "http://a:80");
        redis.command("SET", "dead:other.bar", "x");

        assertThat(run("explain", "foo.bar")).isEqualTo(1);
        assertThat(out.toString()).contains("frontend:foo.bar is not a list; delete it or write it again");
        assertThat(run("explain", "other.bar")).isZero();
        assertThat(out.toString()).contains("dead:other.bar is not a set");
        assertThat(run("frontends")).isEqualTo(1);
        assertThat(out.toString()).containsPattern("foo.bar +is not a list");
        assertThat(run("add", "foo.bar", "http://a", "--id", "x")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("hipache: frontend:foo.bar is not a list; delete it (redis-cli del frontend:foo.bar)"
                        + " and write it again\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add foo.bar http://a --id x",
                "set foo.bar http://a",
                "remove foo.bar",
                "remove foo.bar http://a",
                "drain foo.bar http://a",
                "revive foo.bar 0",
                "revive foo.bar --all",
                "check foo.bar",
                "check --all",
                "export"
            })
    void saysWhatToDoAboutAFrontendThatIsNoList(String command) {
        redis.command("SET", "frontend:foo.bar", "x");

        assertThat(run(command.split(" ", -1))).isEqualTo(1);

        assertThat(err.toString())
                .contains("frontend:foo.bar is not a list; delete it (redis-cli del frontend:foo.bar)")
                .doesNotContain("WRONGTYPE", "script");
        assertThat(redis.command("GET", "frontend:foo.bar")).isEqualTo("x");
    }

    @Test
    void saysWhatToDoAboutMarksThatAreNoSet() {
        redis.rpush("frontend:*.bar", "site", "http://a:80");
        redis.command("SET", "dead:foo.bar", "x");

        assertThat(run("revive", "foo.bar", "0")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(
                        "hipache: the Redis key dead:foo.bar is not a set; delete it (redis-cli del dead:foo.bar)\n");
        assertThat(run("dead")).isEqualTo(1);
        assertThat(out.toString()).contains("redis-cli del dead:foo.bar");
        redis.del("dead:foo.bar");
        redis.sadd("dead:foo.bar", "0");
        redis.command("SET", "dead:foo.bar;soft", "x");
        assertThat(run("dead")).isEqualTo(1);
        assertThat(out.toString()).contains("#0 http://a:80  hard");
        assertThat(run("revive", "foo.bar", "0")).isEqualTo(1);
        assertThat(err.toString()).contains("redis-cli del 'dead:foo.bar;soft'").doesNotContain("WRONGTYPE");
    }

    @Test
    void leavesAloneWhatIsNoListAndSaysHowToDeleteIt() throws Exception {
        redis.command("SET", "frontend:*.bar", "x");
        Path file = write("frontends: {'*.bar': {id: site, backends: ['http://a:80']}}");

        assertThat(run("import", file.toString())).isEqualTo(1);

        assertThat(err.toString()).contains("*.bar is left alone: ", "redis-cli del 'frontend:*.bar'");
        assertThat(redis.command("GET", "frontend:*.bar")).isEqualTo("x");
    }

    @Test
    void tellsWhichCertificateIsShown() throws Exception {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        redis.command("HSET", "tls:foo.bar", "certificate", Files.readString(CERT), "key", "no key");

        run("explain", "foo.bar");

        assertThat(out.toString())
                .contains("tls:foo.bar is not shown: it holds no private key")
                .contains(CERT + " is shown, clients refuse it over https, because it is for ")
                .contains("; plain http is not concerned");
        assertThat(run("certificates")).isEqualTo(1);
        assertThat(out.toString()).contains("tls:foo.bar", CERT.toString());
        redis.command("HSET", "tls:foo.bar", "key", Files.readString(KEY));
        assertThat(run("certificates")).isZero();
        assertThat(run("certificates", "--expiring", "100000", "--json")).isEqualTo(1);
        assertThat(out.toString()).contains("\"source\" : \"tls:foo.bar\"");
    }

    @Test
    void asksEachBackendNow() throws Exception {
        try (TestBackend good = TestBackend.start();
                TestBackend bad = TestBackend.answering(Reply.raw("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"))) {
            redis.rpush("frontend:foo.bar", "site", good.url(), bad.url(), DeadAddress.url(), "x");

            assertThat(run("check", "foo.bar")).isEqualTo(1);

            assertThat(out.toString()).contains("status 200", "status 503", "connect_refused", "invalid_backend");
            assertThat(run("set", "foo.bar", good.url())).isZero();
            assertThat(run("check", "foo.bar", "--json")).isZero();
            redis.command("HSET", "healthcheck:foo.bar", "path", "/health", "status", "204", "body", "");
            assertThat(run("check", "foo.bar")).isEqualTo(1);
            assertThat(out.toString()).contains("status 200, expected 204");
        }
    }

    @Test
    void exportsWhatItImports() throws Exception {
        redis.rpush("frontend:*.bar", "123", "http://a:80", "http://a:80");
        redis.rpush("frontend:foo.bar", "my: 'site'", "http://b:80");

        assertThat(run("export")).isZero();
        assertThat(out.toString()).contains("\"id\" : \"my: 'site'\"");
        Path file = home.resolve("hosts.yaml");
        assertThat(run("export", file.toString())).isZero();
        assertThat(run("import", file.toString(), "--dry-run")).isZero();
        redis.flush();
        assertThat(run("import", file.toString())).isZero();

        assertThat(redis.command("LRANGE", "frontend:*.bar", "0", "-1"))
                .isEqualTo(List.of("123", "http://a:80", "http://a:80"));
        assertThat(redis.command("LRANGE", "frontend:foo.bar", "0", "-1"))
                .isEqualTo(List.of("my: 'site'", "http://b:80"));
    }

    @Test
    void importsWhatDiffersAndRemovesOnlyWhenTold() throws Exception {
        redis.rpush("frontend:old.bar", "old", "http://o:80");
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        Path file = write("frontends:\n  foo.bar: {id: site, backends: ['http://b:80', 'http://c:80']}\n");

        assertThat(run("import", file.toString(), "--dry-run", "--prune")).isEqualTo(1);
        assertThat(out.toString())
                .contains("foo.bar\n  - http://a:80\n  + http://c:80\n", "old.bar\n  - id old")
                .contains("0 added, 1 changed, 1 removed, nothing was written");
        assertThat(run("import", file.toString())).isZero();
        assertThat(redis.exists("frontend:old.bar")).isTrue();
        assertThat(run("import", file.toString(), "--prune")).isZero();
        assertThat(redis.exists("frontend:old.bar")).isFalse();
        write("frontends: {}\n");
        assertThat(run("import", file.toString(), "--prune")).isEqualTo(2);
        assertThat(err.toString()).contains("say --yes");
        assertThat(out.toString()).endsWith("0 added, 0 changed, 1 removed, nothing was written\n");
        assertThat(run("import", file.toString(), "--prune", "--yes")).isZero();
        assertThat(redis.command("DBSIZE")).isEqualTo(0L);
    }

    @Test
    void writesNothingOfABrokenFile() throws Exception {
        for (String broken : List.of(
                "frontends: {foo.bar: {id: x, backends: [http://a:80}}",
                "frontends: {foo.bar: {id: x, backends: [a:80]}}",
                "frontends: {foo.bar: {id: x, backend: [http://a:80]}}",
                "frontends: {foo.bar: {id: x, backends: []}, FOO.bar: {id: x, backends: []}}",
                "{\"frontends\": {\"a\": {\"id\": \"x\", \"backends\": []}, \"a\": {\"id\": \"x\", \"backends\": []}}}",
                "hosts: {}",
                "")) {
            assertThat(run("import", write(broken).toString())).as(broken).isEqualTo(2);
            assertThat(err.toString()).startsWith("hipache: ").contains("hosts.yaml");
        }
        assertThat(run("import", home.resolve("none").toString())).isEqualTo(2);
        assertThat(redis.command("DBSIZE")).isEqualTo(0L);
    }

    @Test
    void promisesNothingBeforeItIsWritten() throws Exception {
        redis.command("ACL", "SETUSER", "reader", "reset", "on", ">pw", "~*", "+@all", "-rpush");
        Path reader = Files.writeString(
                home.resolve("reader.json"), "{\"driver\": \"redis://reader:pw@127.0.0.1:" + redis.port() + "\"}");
        Path file = write("frontends: {foo.bar: {id: site, backends: ['http://a:80']}}");

        assertThat(run("import", file.toString(), "-c", reader.toString())).isEqualTo(2);

        assertThat(out.toString()).contains("foo.bar\n  + id site").doesNotContain("1 added");
        assertThat(redis.exists("frontend:foo.bar")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fffe0001 | : the file is not UTF-8 text",
                "613a20c3 | : the file is not UTF-8 text",
                "613a2001 | : the file has a character that YAML does not allow, U+0001",
                "613a0a20623a20310a09633a2032 | , line 3: a tab stands where YAML needs spaces",
                "613a20310a613a2032 | , line 2: Duplicate field 'a'",
                "613a20310a2d2d2d0a623a2032 | , line 3: something stands behind the end of the frontends",
                "7b613a0a5b7d | , line 2: while parsing a flow node: expected the node content, but found '}'",
            })
    void saysInOneLineWhatIsWrongWithAFile(String bytes, String fault) throws Exception {
        Path file = Files.write(home.resolve("hosts.yaml"), HexFormat.of().parseHex(bytes));

        assertThat(run("import", file.toString())).isEqualTo(2);

        assertThat(err.toString()).isEqualTo("hipache: " + file + fault + "\n");
    }

    @Test
    void followsAFileAndARedisThatWasFlushed() throws Exception {
        Path file = write("frontends: {foo.bar: {id: one, backends: ['http://a:80']}}");
        Thread watching = new Thread(() -> run("import", file.toString(), "--watch", "--interval", "1"));
        watching.start();
        try {
            awaitList("one", "http://a:80");
            Path other = Files.writeString(
                    home.resolve("new"), "frontends: {foo.bar: {id: two, backends: ['http://b:80']}}");
            Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            awaitList("two", "http://b:80");
            redis.flush();
            awaitList("two", "http://b:80");
            write("frontends: [");
            await().until(() -> err.toString().contains("hosts.yaml"));
            assertThat(redis.exists("frontend:foo.bar")).isTrue();
        } finally {
            watching.interrupt();
            watching.join();
        }
    }

    @Test
    void saysThatRedisIsAwayOrRefuses() throws Exception {
        Path away = Files.writeString(
                home.resolve("away.json"), "{\"driver\": \"redis://127.0.0.1:" + TestRedis.freePort() + "\"}");
        redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+@connection");
        Path poor = Files.writeString(
                home.resolve("poor.json"), "{\"driver\": \"redis://poor:pw@127.0.0.1:" + redis.port() + "\"}");

        assertThat(run("explain", "foo.bar", "-c", away.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("cannot connect: Connection refused; hipache status says what clients get meanwhile, see"
                        + " docs/reliability.md#redis-away");
        assertThat(run("dead", "--config", poor.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("may not do this; docs/commands.md lists the rights: NOPERM");
        assertThat(run("status", "-c", away.toString(), "--json")).isEqualTo(1);
        assertThat(out.toString()).contains("\"answers\" : false");
    }

    @Test
    void listsTheCertificatesOfFilesWithoutRedis() throws Exception {
        Path away = Files.writeString(
                home.resolve("away.json"),
                "{\"https\": {\"port\": 443, \"key\": \"" + KEY + "\", \"cert\": \"" + CERT
                        + "\"}, \"driver\": \"redis://127.0.0.1:" + TestRedis.freePort() + "\"}");

        assertThat(run("certificates", "-c", away.toString())).isEqualTo(2);
        assertThat(out.toString()).contains(CERT.toString());
        assertThat(err.toString()).contains("cannot connect: Connection refused");
    }

    @Test
    void needsTheRightsThatTheDocumentationNames() throws Exception {
        String rights =
                "ACL SETUSER operator reset on >pw ~frontend:* ~dead:* ~tls:* ~hchecker_ping ~healthcheck:* resetchannels"
                        + " &dead +ping +select +client +eval +evalsha +memory|usage +llen +lrange +lindex +scard +smismember"
                        + " +sismember +get +hmget +hstrlen +multi +exec +sadd +srem +expire +publish"
                        + " +scan +smembers +pttl +dbsize +info +type +rpush +del +pexpire";
        redis.command(rights.split(" ", -1));
        Path config = Files.writeString(
                home.resolve("operator.json"), "{\"driver\": \"redis://operator:pw@127.0.0.1:" + redis.port() + "\"}");
        for (String command : List.of(
                "add foo.bar http://127.0.0.1:1 http://127.0.0.1:2 --id site",
                "set foo.bar http://127.0.0.1:1",
                "explain foo.bar",
                "frontends",
                "dead",
                "certificates",
                "export")) {
            String[] words = (command + " -c " + config).split(" ", -1);
            assertThat(run(words)).as(command + err).isZero();
        }
        redis.sadd("dead:foo.bar", "0");
        assertThat(run("revive", "foo.bar", "0", "-c", config.toString()))
                .as(err::toString)
                .isZero();
        assertThat(run("check", "foo.bar", "-c", config.toString()))
                .as(err::toString)
                .isEqualTo(1);
        assertThat(err.toString()).isEmpty();
        assertThat(run("remove", "foo.bar", "-c", config.toString()))
                .as(err::toString)
                .isZero();
    }

    @Test
    void tellsTheStateOfTheStore() {
        run("status");

        assertThat(out.toString())
                .contains("answers in", "role master, 0 frontends among 0 keys", "https://127.0.0.1:443")
                .doesNotContain("not told");
    }

    @Test
    void worksBesideWhatOthersWrite() {
        redis.rpush("frontend:app.tsuru.io", "app", "app", "http://a:80", "http://a:80");
        redis.command("SET", "dead:app.tsuru.io:http://a:80", "planb");
        redis.command("HSET", "hchecker", "http://a:80", "1");
        redis.command("SET", "hchecker_ping", "" + System.currentTimeMillis() / 1000);
        redis.sadd("dead:app.tsuru.io", "1");

        assertThat(run("explain", "app.tsuru.io")).isZero();
        assertThat(out.toString()).contains("never used", "an active checker sets and ends them");
        assertThat(run("dead", "--json")).isEqualTo(1);
        assertThat(out.toString()).contains("\"planbLocks\" : 1", "\"index\" : 1");
        assertThat(run("remove", "app.tsuru.io", "http://a:80")).isZero();
        assertThat(redis.command("LRANGE", "frontend:app.tsuru.io", "0", "-1")).isEqualTo(List.of("app", "app"));
        assertThat(redis.command("GET", "dead:app.tsuru.io:http://a:80")).isEqualTo("planb");
        assertThat(run("remove", "app.tsuru.io")).isZero();
        assertThat(run("remove", "app.tsuru.io")).isEqualTo(1);
    }

    @Test
    void completesAndExplainsItself() {
        assertThat(run("completion")).isZero();
        assertThat(out.toString()).contains("complete -F", "explain", "--dry-run");
        assertThat(run("man-page")).isZero();
        assertThat(out.toString()).startsWith(".TH \"HIPACHE\"").contains(".SS \"hipache explain\"");
        assertThat(run("upgrade", "1")).isEqualTo(2);
        assertThat(run("stop", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("process 1 is no supervisor");
    }

    @Test
    @EnabledIf("hasBash")
    void bashCompletesCommandsAndOptions() throws Exception {
        run("completion");
        Path completion = Files.writeString(home.resolve("completion"), out.toString());
        Path script = Files.writeString(
                home.resolve("script"),
                """
                source "$1"
                complete_line() {
                    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
                    _complete_hipache
                    echo "${COMPREPLY[@]}"
                }
                complete_line hipache dr
                complete_line hipache drain --ti
                complete_line hipache ex
                """);

        Process bash = new ProcessBuilder("/bin/bash", script.toString(), completion.toString())
                // compopt says that nobody presses a key here
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String completed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(completed.lines()).containsExactly("drain", "--timeout", "explain export");
    }

    static boolean hasBash() {
        return Files.isExecutable(Path.of("/bin/bash"));
    }

    @Test
    @EnabledIf("hasGroff")
    void writesAManualPageWithoutMistakes() throws Exception {
        run("man-page");
        Path page = Files.writeString(home.resolve("hipache.8"), out.toString());

        Process groff = new ProcessBuilder("groff", "-man", "-ww", "-Tutf8", "-P-cbou", page.toString())
                .redirectErrorStream(true)
                .start();
        String rendered = new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(groff.waitFor()).isZero();
        assertThat(rendered).doesNotContain("warning:", "error:").contains("--dry-run", "…");
        assertThat(rendered.replaceAll("\\s+", " "))
                .contains(
                        "EXIT STATUS of the program 0 after an orderly end",
                        "of a command 0 when all is well",
                        "ENVIRONMENT SETTINGS_FLAVOR",
                        "FILES /etc/hipache/config.json",
                        "SEE ALSO redis-server(1)");
        assertThat(out.toString()).matches("\\p{ASCII}*");
    }

    static boolean hasGroff() {
        return Files.isExecutable(Path.of("/usr/bin/groff"));
    }

    private void awaitList(String... elements) {
        await().until(() -> List.of(elements).equals(list()));
    }

    private static @Nullable Object list() {
        return redis.command("LRANGE", "frontend:foo.bar", "0", "-1");
    }

    private Path write(String text) throws Exception {
        return Files.writeString(home.resolve("hosts.yaml"), text);
    }
}
