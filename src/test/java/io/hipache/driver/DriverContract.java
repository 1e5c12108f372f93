package io.hipache.driver;

import static io.hipache.driver.Deaths.hard;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules for every driver. Each test has a real Redis that is empty at first. */
interface DriverContract {

    TestRedis redis();

    /** Connected, with a dead TTL of 30 s and no key prefix. */
    DriverOnLoop driver();

    @Test
    default void readsTheListOfTheExactHost() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis().rpush("frontend:*.bar", "other", "http://c:80");

        Answer answer = driver().read("foo.bar", "*.bar", "*");

        assertThat(answer.rows())
                .isEqualTo(new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of()));
    }

    @Test
    default void readsTheFirstListThatIsNotEmpty() {
        redis().rpush("frontend:*.baz", "wild", "http://a:80");
        redis().rpush("frontend:*", "all", "http://b:80");

        Answer answer = driver().read("foo.bar.baz", "*.bar.baz", "*.baz", "*");

        assertThat(answer.rows()).isEqualTo(new Rows("*.baz", List.of("wild", "http://a:80"), Set.of()));
    }

    @Test
    default void saysThatThereIsNoList() {
        assertThat(driver().rows("foo.bar", "*.bar", "*")).isEqualTo(new Rows(null, List.of(), Set.of()));
    }

    @Test
    default void readsTheDeadSetOfTheRequestedHostAlsoForAWildcard() {
        redis().rpush("frontend:*.bar", "wild", "http://a:80", "http://b:80", "http://c:80");
        redis().sadd("dead:foo.bar", "0", "2");
        redis().sadd("dead:*.bar", "1");

        assertThat(driver().rows("foo.bar", "*.bar", "*"))
                .extracting(Rows::dead)
                .isEqualTo(Set.of(0, 2));
    }

    @Test
    default void readsTheDeadSetInTheSpellingThatMatched() {
        redis().rpush("frontend:Foo.bar", "site", "http://a:80", "http://b:80");
        redis().sadd("dead:Foo.bar", "1");
        redis().sadd("dead:foo.bar", "0");

        Answer answer = driver().read("foo.bar", "Foo.bar", "*.bar", "*");

        assertThat(answer.rows())
                .isEqualTo(new Rows("Foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of(1)));
    }

    @Test
    default void readsTheDeadSetInLowerCaseWhenTheLowerCaseMatchedOrAWildcard() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis().rpush("frontend:*.Baz", "wild", "http://a:80", "http://b:80");
        redis().sadd("dead:foo.bar", "0");
        redis().sadd("dead:foo.baz", "0");
        redis().sadd("dead:Foo.bar", "1");
        redis().sadd("dead:Foo.Baz", "1");

        assertThat(driver().rows("foo.bar", "Foo.bar", "*.bar", "*"))
                .extracting(Rows::dead)
                .isEqualTo(Set.of(0));
        assertThat(driver().rows("foo.baz", "Foo.Baz", "*.baz", "*.Baz", "*"))
                .extracting(Rows::dead)
                .isEqualTo(Set.of(0));
    }

    @Test
    default void readsTheDeadSetOfTheNameThatMatchedAsWellWhereItIsAskedTo() {
        redis().rpush("frontend:*.bar", "wild", "http://a:80", "http://b:80", "http://c:80", "http://d:80");
        redis().rpush("frontend:Exact.bar", "site", "http://a:80", "http://b:80");
        redis().sadd("dead:foo.bar", "0");
        redis().sadd("dead:*.bar", "2");
        redis().sadd("dead:*", "3");
        redis().sadd("dead:exact.bar", "0");
        redis().sadd("dead:Exact.bar", "1");

        List<Answer> answers = driver().readTogether(List.of(
                new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*"), true),
                new HostLookup("exact.bar", List.of("exact.bar", "Exact.bar", "*.bar", "*"), true),
                new HostLookup("other", List.of("other", "*"), true)));

        assertThat(answers)
                .extracting(Answer::rows)
                .extracting(Rows::dead)
                .containsExactly(Set.of(0, 2), Set.of(1), Set.of());
    }

    @Test
    default void ignoresJunkInADeadSet() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis().sadd("dead:foo.bar", "1", "2", "-1", "x", "", "1.0", "99999999999999999999", "http://a:80");

        assertThat(driver().rows("foo.bar", "*")).extracting(Rows::dead).isEqualTo(Set.of(1));
    }

    @Test
    default void isUnavailableForAHostWhoseListIsNone() {
        redis().command("SET", "frontend:foo.bar", "http://a:80");
        redis().rpush("frontend:*", "all", "http://b:80");

        assertThat(driver().read("foo.bar", "*").unavailable()).startsWith("WRONGTYPE");
        assertThat(driver().rows("other", "*")).extracting(Rows::name).isEqualTo("*");
    }

    @Test
    default void namesTheKeyOfAWrongTypeInTheLog() {
        redis().command("SET", "frontend:*.bar", "http://a:80");
        redis().rpush("frontend:*.baz", "site", "http://a:80");
        redis().command("SET", "dead:foo.baz", "0");
        redis().rpush("frontend:*.org", "site", "http://a:80");
        redis().command("SET", "dead:*.org", "0");

        try (RecordedLog log = RecordedLog.of("io.hipache.driver")) {
            driver().readTogether(List.of(
                    new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*")),
                    new HostLookup("foo.baz", List.of("foo.baz", "*.baz", "*")),
                    new HostLookup("foo.org", List.of("foo.org", "*.org", "*"), true)));

            assertThat(log.lines()).hasSize(3);
            assertThat(log.linesWith("foo.bar: cannot be routed, because the Redis key frontend:*.bar is not a list"))
                    .hasSize(1);
            assertThat(log.linesWith("foo.baz: all its backends count as alive, because the Redis key dead:foo.baz is"))
                    .hasSize(1);
            assertThat(log.linesWith("because the Redis key dead:foo.org or dead:*.org is not a set"))
                    .singleElement()
                    .asString()
                    .startsWith("foo.org: ")
                    .contains("WRONGTYPE");
        }
    }

    @Test
    default void doesNotMindAWrongTypeBehindTheListThatMatched() {
        redis().rpush("frontend:foo.bar", "site", "http://b:80");
        redis().command("SET", "frontend:*", "http://a:80");

        assertThat(driver().rows("foo.bar", "*")).extracting(Rows::name).isEqualTo("foo.bar");
    }

    @Test
    default void takesADeadSetThatIsNoneForEmpty() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80");
        redis().command("SET", "dead:foo.bar", "0");

        assertThat(driver().rows("foo.bar", "*"))
                .isEqualTo(new Rows("foo.bar", List.of("site", "http://a:80"), Set.of()));
    }

    @Test
    default void readsTenThousandBackends() {
        List<String> entries = new ArrayList<>(Collections.nCopies(10_001, "http://10.20.30.40:8080"));
        entries.set(10_000, "http://last:80");
        redis().rpush("frontend:foo.bar", entries.toArray(String[]::new));
        redis().sadd(
                        "dead:foo.bar",
                        IntStream.range(0, 5_000).mapToObj(Integer::toString).toArray(String[]::new));

        Rows rows = driver().rows("foo.bar", "*");

        assertThat(rows.entries()).isEqualTo(entries);
        assertThat(rows.dead()).hasSize(5_000).contains(0, 4_999);
    }

    @Test
    default void refusesAHostWithTooManyBackendsAndNobodyElse() {
        redis().rpush("frontend:*.bar", Collections.nCopies(16_002, "x").toArray(String[]::new));
        redis().rpush("frontend:other", "site", "http://a:80");

        try (RecordedLog log = RecordedLog.of("io.hipache.driver")) {
            List<Answer> answers = driver().readTogether(List.of(
                    new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*")),
                    new HostLookup("second.bar", List.of("second.bar", "*.bar", "*")),
                    new HostLookup("other", List.of("other", "*"))));

            assertThat(answers.subList(0, 2)).extracting(Answer::unavailable).containsOnly("too large");
            assertThat(answers.get(2).rows()).isEqualTo(new Rows("other", List.of("site", "http://a:80"), Set.of()));
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("foo.bar: cannot be routed, because the Redis key frontend:*.bar is too large")
                    .contains("16000 backends", "shorten it, or raise server.maxBackends");
        }
    }

    @Test
    default void neverFetchesAListThatIsTooLarge() {
        redis().rpush(
                        "frontend:long.bar",
                        Collections.nCopies(300, "x".repeat(8_000)).toArray(String[]::new));
        redis().rpush("frontend:single.bar", "site", "http://a:80");
        try (RespConnection connection = redis().connect()) {
            connection.command(ascii("RPUSH"), ascii("frontend:single.bar"), new byte[8 << 20]);
        }
        redis().command("CONFIG", "RESETSTAT");

        for (int i = 0; i < 20; i++) {
            assertThat(driver().read("long.bar", "*").unavailable()).isEqualTo("too large");
            assertThat(driver().read("single.bar", "*").unavailable()).isEqualTo("too large");
        }

        assertThat(bytesSent()).isLessThan(50_000);
    }

    @Test
    default void neverFetchesWhatIsNoIndexFromADeadSetThatIsTooLarge() {
        redis().rpush("frontend:junk.bar", "site", "http://a:80", "http://b:80");
        redis().rpush("frontend:huge.bar", "site", "http://a:80", "http://b:80");
        redis().sadd(
                        "dead:junk.bar",
                        IntStream.range(1_000, 51_000)
                                .mapToObj(Integer::toString)
                                .toArray(String[]::new));
        try (RespConnection connection = redis().connect()) {
            connection.command(ascii("SADD"), ascii("dead:huge.bar"), new byte[8 << 20]);
        }
        redis().command("CONFIG", "RESETSTAT");

        for (int i = 0; i < 20; i++) {
            assertThat(driver().rows("junk.bar", "*").dead()).isEmpty();
            assertThat(driver().rows("huge.bar", "*").dead()).isEmpty();
        }

        assertThat(bytesSent()).isLessThan(50_000);
    }

    @Test
    default void keepsTheIndexesBehindAnElementThatIsNoUrl() {
        redis().rpush("frontend:foo.bar", "site", "x".repeat(9_000), "http://b:80");
        redis().sadd("dead:foo.bar", "0");

        assertThat(driver().rows("foo.bar", "*"))
                .isEqualTo(new Rows("foo.bar", List.of("site", "", "http://b:80"), Set.of(0)));
    }

    @Test
    default void answersEveryLookupOfManyLargeFrontendsAtATime() {
        String[] entries =
                Collections.nCopies(10_000, "http://10.20.30.40:8080").toArray(String[]::new);
        List<HostLookup> lookups = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            redis().rpush("frontend:*.h" + i, entries);
            for (int j = 0; j < 5; j++) {
                String host = "a" + j + ".h" + i;
                lookups.add(new HostLookup(host, List.of(host, "*.h" + i, "*")));
            }
        }
        redis().rpush("frontend:small", "site", "http://a:80");
        lookups.add(new HostLookup("small", List.of("small", "*")));

        List<Answer> answers = driver().readTogether(lookups);

        for (int i = 0; i < 20; i++) {
            String reason = String.valueOf(answers.get(i).unavailable());
            Rows rows = requireNonNull(answers.get(i).rows(), reason);
            assertThat(rows.name()).isEqualTo("*.h" + i / 5);
            assertThat(rows.entries()).hasSize(10_000);
        }
        assertThat(answers.get(20).rows()).extracting(Rows::name).isEqualTo("small");
    }

    @Test
    default void aCallbackThatThrowsKeepsNobodyElseFromTheAnswer() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80");
        HostLookup lookup = new HostLookup("foo.bar", List.of("foo.bar", "*"));

        List<Answer> answers = DriverOnLoop.await(
                driver().begin(List.of(lookup, lookup, new HostLookup("other", List.of("other", "*"))), 2, 0));

        assertThat(answers).hasSize(3).extracting(Answer::unavailable).containsOnlyNulls();
        assertThat(driver().rows("foo.bar", "*").name()).isEqualTo("foo.bar");
    }

    /** What the server has sent to all clients since its counters were reset. */
    private long bytesSent() {
        Matcher sent = Pattern.compile("total_net_output_bytes:(\\d+)").matcher(redis().info("stats"));
        return sent.find() ? Long.parseLong(sent.group(1)) : 0;
    }

    @Test
    default void replacesWhatIsNotUtf8() {
        try (RespConnection connection = redis().connect()) {
            connection.command(
                    ascii("RPUSH"),
                    ascii("frontend:foo.bar"),
                    new byte[] {'s', (byte) 0xff},
                    "\u00e9".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(driver().rows("foo.bar", "*")).extracting(Rows::entries).isEqualTo(List.of("s\ufffd", "\u00e9"));
    }

    @Test
    default void answersManyLookupsOfOneTurnEachWithItsOwn() {
        List<HostLookup> lookups = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String host = "h" + i + ".bar";
            lookups.add(new HostLookup(host, List.of(host, "*.bar", "*")));
            if (i % 4 == 0) {
                redis().rpush("frontend:" + host, "site " + i, "http://a:80", "http://b:80");
                redis().sadd("dead:" + host, "" + i / 4 % 2);
            } else if (i % 4 == 1) {
                redis().command("SET", "frontend:" + host, "wrong");
            }
        }

        List<Answer> answers = driver().readTogether(lookups);

        for (int i = 0; i < 200; i++) {
            Rows found =
                    new Rows("h" + i + ".bar", List.of("site " + i, "http://a:80", "http://b:80"), Set.of(i / 4 % 2));
            Rows nothing = new Rows(null, List.of(), Set.of());
            if (i % 4 == 1) {
                assertThat(answers.get(i).unavailable()).as("host %d", i).startsWith("WRONGTYPE");
            } else {
                assertThat(answers.get(i).rows()).as("host %d", i).isEqualTo(i % 4 == 0 ? found : nothing);
            }
        }
    }

    @Test
    default void marksADeadBackendForItsTimeAndAnnouncesIt() throws Exception {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "http://c:80");
        try (RespConnection subscriber = redis().connect()) {
            subscriber.command("SUBSCRIBE", "dead");

            assertThat(driver().marking(hard("foo.bar", 1, "http://b:80", 3))).isEqualTo(Marking.MARKED);

            assertThat(subscriber.read()).isEqualTo(List.of("message", "dead", "foo.bar;http://b:80/;1;3"));
            assertThat(redis().command("SMEMBERS", "dead:foo.bar")).isEqualTo(List.of("1"));
            assertThat((Long) redis().command("TTL", "dead:foo.bar")).isBetween(28L, 30L);
        }
    }

    @Test
    default void marksUnderTheHostWhatTheListOfItsWildcardHas() {
        redis().rpush("frontend:*.bar", "wild", "http://a:80", "http://b:80");
        String entry = "http://b:80";

        Marking marking = driver().marking(new DeadBackend("foo.bar", "*.bar", 1, entry, entry + "/", 2, false));

        assertThat(marking).isEqualTo(Marking.MARKED);
        assertThat(redis().command("SMEMBERS", "dead:foo.bar")).isEqualTo(List.of("1"));
    }

    @Test
    default void seesADeathOfItsOwnInTheNextLookup() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        assertThat(driver().rows("foo.bar", "*")).extracting(Rows::dead).isEqualTo(Set.of());

        driver().markDead(hard("foo.bar", 0, "http://a:80", 2));

        await().until(() -> redis().exists("dead:foo.bar"));
        assertThat(driver().rows("foo.bar", "*")).extracting(Rows::dead).isEqualTo(Set.of(0));
    }

    @Test
    default void marksEveryBackendThatFailsHard() {
        redis().rpush("frontend:foo.bar", "site", "http://b:0", "http://b:1", "http://b:2", "http://b:3");

        for (int index = 0; index < 4; index++) {
            assertThat(driver().marking(hard("foo.bar", index, "http://b:" + index, 4)))
                    .isEqualTo(Marking.MARKED);
        }

        assertThat(redis().command("SCARD", "dead:foo.bar")).isEqualTo(4L);
    }

    @Test
    default void marksNothingWhenTheIndexNamesAnotherBackendByNow() throws Exception {
        redis().rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "http://c:80");
        redis().command("LREM", "frontend:foo.bar", "0", "http://a:80");
        try (RespConnection subscriber = redis().connect()) {
            subscriber.command("SUBSCRIBE", "dead");

            assertThat(driver().marking(hard("foo.bar", 1, "http://b:80", 3))).isEqualTo(Marking.MOVED);
            assertThat(driver().marking(hard("other", 0, "http://b:80", 3))).isEqualTo(Marking.MOVED);

            assertThat(redis().exists("dead:foo.bar")).isFalse();
            assertThat(driver().marking(hard("foo.bar", 1, "http://c:80", 2))).isEqualTo(Marking.MARKED);
            assertThat(subscriber.read()).isEqualTo(List.of("message", "dead", "foo.bar;http://c:80/;1;2"));
        }
    }

    @Test
    default void marksNoBackendThatIsTheOnlyOneByNow() {
        redis().rpush("frontend:foo.bar", "site", "http://a:80");

        assertThat(driver().marking(hard("foo.bar", 0, "http://a:80", 2))).isEqualTo(Marking.ONLY_BACKEND);
        assertThat(redis().exists("dead:foo.bar")).isFalse();
    }

    @Test
    default void comparesTheEntryAsItIsStored() {
        String entry = " HTTP://b\u00e9.example:80/p?q=1 ";
        redis().rpush("frontend:foo.bar", "site", "http://a:80", entry);
        String read = driver().rows("foo.bar").entries().get(2);

        assertThat(driver().marking(hard("foo.bar", 1, read.trim(), 2))).isEqualTo(Marking.MOVED);
        assertThat(driver().marking(hard("foo.bar", 1, read, 2))).isEqualTo(Marking.MARKED);
    }

    @Test
    default void knowsOfNoActiveCheckerWithoutItsPing() {
        assertThat(driver().activeCheckerAlive()).isFalse();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
