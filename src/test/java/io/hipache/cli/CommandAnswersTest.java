package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say where there is nothing, and where somebody has mistyped. */
class CommandAnswersTest extends CommandLineTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @BeforeEach
    void configure() throws Exception {
        redis.flush();
        Files.writeString(home.resolve("config.json"), "{\"driver\": \"" + redis.url() + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "explain",
                "check",
                "frontends",
                "add",
                "remove",
                "drain",
                "set",
                "dead",
                "revive",
                "certificates",
                "import",
                "export",
                "status",
                "top",
                "healthcheck",
                "reload",
                "upgrade",
                "stop",
                "completion",
                "man-page"
            })
    void everyCommandTellsItsVersion(String command) {
        assertThat(run(command, "--version")).isZero();

        assertThat(out.toString()).startsWith("hipache ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reload", "upgrade", "stop"})
    void aConfigurationFileDoesNotNameAProgram(String command) {
        assertThat(run(command, "-c", "/etc/hipache.json")).isEqualTo(2);

        assertThat(err.toString())
                .contains("expected the process id of the running Hipache, got '/etc/hipache.json'")
                .contains("takes no configuration file: hipache status shows the process ids")
                .doesNotContain("is not a long");
    }

    @Test
    void aListOfNothingSaysSo() {
        assertThat(run("frontends")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("hipache: there is no frontend\n");
        assertThat(run("frontends", "x*")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("hipache: there is no frontend whose name is like x*\n");
        assertThat(run("dead")).isZero();
        assertThat(out.toString()).isEqualTo("no backend is marked dead\n");
        assertThat(run("certificates")).isZero();
        assertThat(out.toString()).isEqualTo("there is no certificate\n");
        assertThat(run("certificates", "--expiring", "30")).isZero();
        assertThat(out.toString()).isEqualTo("none is bad or ends within 30 days\n");
        assertThat(run("certificates", "--expiring", "-1")).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("hipache: --expiring: expected at least 0\n");
    }

    @Test
    void revivesNothingWhereThereIsNoMark() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");

        assertThat(run("revive", "foo.bar", "7")).isEqualTo(1);
        assertThat(err.toString()).contains("foo.bar has no such mark");
        assertThat(run("revive", "other.bar", "--all")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no frontend for other.bar");
        assertThat(run("revive", "foo.bar", "7", "--json")).isEqualTo(1);
        assertThat(out.toString()).contains("\"ended\" : 0");
    }

    @Test
    void saysThatAWholeFrontendIsGone() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        redis.sadd("dead:foo.bar", "0");

        assertThat(run("remove", "foo.bar")).isZero();

        assertThat(out.toString())
                .isEqualTo("foo.bar: removed, with its identifier and all of its backends\n"
                        + "marks of dead backends: 0 moved to the new index of their backend, 1 ended\n");
        assertThat(redis.command("EXISTS", "frontend:foo.bar")).isEqualTo(0L);
    }

    @Test
    void drainsWithoutAWaitAndLeavesTheLastBackend() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "http://c:80");
        redis.sadd("dead:foo.bar", "1", "2");

        assertThat(run("drain", "foo.bar", "http://b:80", "--timeout", "0")).isZero();
        assertThat(out.toString()).contains("foo.bar: changed, has 2 backends", "1 moved");
        assertThat(redis.command("SMEMBERS", "dead:foo.bar")).isEqualTo(List.of("1"));
        assertThat(run("drain", "foo.bar", "http://a:80", "--timeout", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("would be left without a backend that counts as alive");
        assertThat(redis.command("LRANGE", "frontend:foo.bar", "0", "-1"))
                .isEqualTo(List.of("site", "http://a:80", "http://c:80"));
    }

    @Test
    void aDrainThatNobodyCanWatchIsNotDone() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");

        assertThat(run("drain", "foo.bar", "http://b:80")).isEqualTo(1);
        assertThat(out.toString()).contains("foo.bar: changed, has 1 backend");
        assertThat(err.toString())
                .contains(
                        "the configuration has no server.admin; put \"admin\": {\"port\": 9180} into \"server\", then run"
                                + " hipache reload",
                        "not drained: it is not known how many requests of this machine are under way there");
        assertThat(run("drain", "other.bar", "http://b:80")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no frontend other.bar");
        assertThat(run("drain", "foo.bar")).isEqualTo(2);
    }

    @Test
    void aListIsNotEmptiedBecauseItsUrlsWereForgotten() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");

        assertThat(run("set", "foo.bar")).isEqualTo(2);

        assertThat(err.toString()).startsWith("hipache: URL is missing: hipache set takes HOST URL");
        assertThat(redis.command("LRANGE", "frontend:foo.bar", "0", "-1")).isEqualTo(List.of("site", "http://a:80"));
    }

    @Test
    void checksTheBackendsOfAllFrontendsAndShowsThoseThatAreNotWell() {
        try (TestBackend good = TestBackend.start()) {
            String dead = DeadAddress.url();
            redis.rpush("frontend:foo.bar", "site", good.url(), dead);
            redis.rpush("frontend:*.bar", "site", good.url());
            redis.command("HSET", "healthcheck:*.bar", "status", "204");

            assertThat(run("check", "--all")).isEqualTo(1);

            assertThat(out.toString())
                    .containsPattern("foo\\.bar  #1 " + dead + " +connect_refused +\\d+ ms +ECONNREFUSED")
                    .containsPattern("\\*\\.bar +#0 " + good.url() + " +status 200 +\\d+ ms +status 200, expected 204")
                    .contains("3 backends were asked, 2 of them not well")
                    .doesNotContain("foo.bar  #0");
            assertThat(good.requests().stream().map(request -> request.head().toString()))
                    .anyMatch(head -> head.contains("Host: foo.bar"))
                    .anyMatch(head -> head.contains("Host: " + good.url().substring("http://".length())));
            redis.del("frontend:*.bar");
            redis.command("LREM", "frontend:foo.bar", "0", dead);
            assertThat(run("check", "--all", "--json")).isZero();
            assertThat(out.toString()).isEqualTo("[ ]\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "check foo.bar --all", "check foo.bar --watch", "check --all --watch"})
    void checksOneThingAtATime(String command) {
        assertThat(run(command.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString()).contains("say either a host, --all, or --watch");
    }

    @Test
    void saysWhyAFileCannotBeReadOrWritten() {
        Path none = home.resolve("none").resolve("hosts.json");

        assertThat(run("import", none.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("hipache: " + none + " cannot be read: no such file or folder\n");
        assertThat(run("import", home.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("hipache: " + home + " cannot be read: Is a directory\n");
        assertThat(run("export", none.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("hipache: " + none + " cannot be written: no such file or folder\n");
    }

    @Test
    void showsWhatAStoreHoldsWithoutWhatATerminalWouldObey() {
        redis.rpush("frontend:foo.bar", "a\u001b[2Jb\u202e", "http://a:80");

        assertThat(run("frontends")).isZero();

        assertThat(out.toString()).contains("a\\x1B[2Jb\\u202E").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void removingWhatIsNotThereGivesNoNumber() {
        assertThat(run("remove", "foo.bar", "--json")).isEqualTo(1);

        assertThat(out.toString()).contains("\"changed\" : false").doesNotContain("backends");
    }

    @Test
    void theStatusCountsFrontendsAndOtherKeysApart() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        redis.rpush("frontend:*.bar", "site", "http://a:80");
        redis.sadd("dead:foo.bar", "0");

        run("status");
        assertThat(out.toString()).contains("2 frontends among 3 keys of the database");
        run("status", "--json");
        assertThat(out.toString()).contains("\"frontends\" : 2", "\"keys\" : 3");
    }
}
