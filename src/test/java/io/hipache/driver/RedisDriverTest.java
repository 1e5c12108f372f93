package io.hipache.driver;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.driver.DriverOnLoop.Answer;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.RespConnection;
import io.hipache.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The driver with the usual server: only one, and it runs scripts. */
class RedisDriverTest implements DriverContract {

    private static final DeadBackend DEAD = Deaths.hard("foo.bar", 1, "http://b:80", 2);

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @SuppressWarnings("NullAway.Init")
    private DriverOnLoop driver;

    @BeforeEach
    void open() {
        redis.flush();
        driver = DriverOnLoop.connected(redis, RedisSettings.COMMAND_TIMEOUT);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Override
    public TestRedis redis() {
        return redis;
    }

    @Override
    public DriverOnLoop driver() {
        return driver;
    }

    @Test
    void seesAChangeInTheVeryNextLookup() {
        for (int i = 0; i < 50; i++) {
            redis.del("frontend:foo.bar");
            redis.rpush("frontend:foo.bar", "site " + i);

            assertThat(driver.rows("foo.bar")).isEqualTo(new Rows("foo.bar", List.of("site " + i), Set.of()));
        }
    }

    @Test
    void asksOnceForAllLookupsOfATurn() {
        redis.command("CONFIG", "RESETSTAT");

        driver.readTogether(Collections.nCopies(64, new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*"))));

        assertThat(redis.info("commandstats")).contains("cmdstat_evalsha:calls=1,");
    }

    @Test
    void sendsAListOnceForAllLookupsOfATurn() {
        redis.rpush(
                "frontend:*.bar",
                Collections.nCopies(10_000, "http://10.20.30.40:8080").toArray(String[]::new));
        List<HostLookup> lookups = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            lookups.add(new HostLookup("h" + i + ".bar", List.of("h" + i + ".bar", "*.bar", "*")));
        }
        redis.command("CONFIG", "RESETSTAT");

        List<Answer> answers = driver.readTogether(lookups);

        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(requireNonNull(answer.rows()).entries()).hasSize(10_000));
        assertThat(redis.info("commandstats")).contains("cmdstat_evalsha:calls=1,");
        // in slices of 256
        assertThat(redis.info("commandstats")).contains("cmdstat_lrange:calls=40,");
    }

    @Test
    void findsWhoIsDeadAmongAnyNumberOfOtherMembers() {
        redis.rpush("frontend:*.bar", "site", "http://a:80", "http://b:80", "http://c:80");
        redis.sadd(
                "dead:foo.bar",
                IntStream.range(2, 50_000).mapToObj(Integer::toString).toArray(String[]::new));
        redis.sadd("dead:*.bar", "0", "junk");

        List<Answer> answers =
                driver.readTogether(List.of(new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*"), true)));

        assertThat(answers.get(0).rows()).extracting(Rows::dead).isEqualTo(Set.of(0, 2));
    }

    @Test
    void findsWhoIsDeadAmongManyBackends() {
        redis.rpush(
                "frontend:foo.bar", Collections.nCopies(5_001, "http://a:80").toArray(String[]::new));
        redis.sadd("dead:foo.bar", "0", "4999", "5000", "junk");
        Set<Integer> few = driver.rows("foo.bar").dead();
        redis.sadd("dead:foo.bar", "x".repeat(20_000));
        Set<Integer> besideALongOne = driver.rows("foo.bar").dead();
        redis.sadd(
                "dead:foo.bar",
                IntStream.range(0, 5_000).mapToObj(Integer::toString).toArray(String[]::new));
        Set<Integer> all = driver.rows("foo.bar").dead();

        assertThat(few).isEqualTo(Set.of(0, 4_999));
        assertThat(besideALongOne).isEqualTo(Set.of(0, 4_999));
        assertThat(all).hasSize(5_000);
    }

    @Test
    void measuresNothingThatIsNoList() {
        redis.command("XGROUP", "CREATE", "frontend:stream", "group", "$", "MKSTREAM");
        redis.command("SET", "frontend:string", "x".repeat(100_000));
        redis.command("CONFIG", "RESETSTAT");

        assertThat(driver.read("stream", "*").unavailable()).startsWith("WRONGTYPE");
        assertThat(driver.read("string", "*").unavailable()).startsWith("WRONGTYPE");

        assertThat(redis.info("commandstats")).doesNotContain("cmdstat_memory");
    }

    @Test
    void asksForOneIndexAfterTheOtherWhereTheServerKnowsNothingElse() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "http://c:80");
        redis.sadd("dead:foo.bar", "0", "2", "junk");
        redis.command("ACL", "SETUSER", "default", "-smismember");
        try {
            assertThat(driver.rows("foo.bar")).extracting(Rows::dead).isEqualTo(Set.of(0, 2));
            assertThat(redis.info("commandstats")).contains("cmdstat_sismember");
        } finally {
            redis.command("ACL", "SETUSER", "default", "+@all");
        }
    }

    @Test
    void sendsNoListThatIsTooLargeWhereItMayNotMeasureTheMemory() {
        redis.rpush(
                "frontend:foo.bar", Collections.nCopies(300, "x".repeat(8_000)).toArray(String[]::new));
        redis.rpush("frontend:other", "site", "http://a:80");
        redis.command("ACL", "SETUSER", "default", "-memory");
        try {
            assertThat(driver.read("foo.bar", "*").unavailable()).isEqualTo("too large");
            assertThat(driver.rows("other", "*").entries()).isEqualTo(List.of("site", "http://a:80"));
        } finally {
            redis.command("ACL", "SETUSER", "default", "+@all");
        }
    }

    @Test
    void goesOnWithTransactionsWhereAnOldAclLacksTheCommandsThatMeasure() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.sadd("dead:foo.bar", "1");
        redis.command("ACL", "SETUSER", "default", "-llen", "-scard", "-memory");
        try {
            assertThat(driver.rows("foo.bar", "*"))
                    .isEqualTo(new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of(1)));
        } finally {
            redis.command("ACL", "SETUSER", "default", "+@all");
        }
    }

    @Test
    void takesNoMoreLookupsWhileTooManyBytesWaitForThem() {
        List<HostLookup> lookups = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            lookups.add(new HostLookup("h" + i + ".bar", List.of("h" + i + ".bar", "*")));
        }
        redis.pause();
        try {
            List<CompletableFuture<Answer>> answers = driver.begin(lookups, 0, 32 * 1024);

            assertThat(DriverOnLoop.await(answers.subList(768, 1_000)))
                    .extracting(Answer::unavailable)
                    .containsOnly("Redis does not keep up");
            assertThat(answers.subList(0, 700)).noneMatch(CompletableFuture::isDone);
        } finally {
            redis.resume();
        }
        driver.awaitAnswer();
        assertThat(DriverOnLoop.await(driver.begin(lookups.subList(0, 700), 0, 32 * 1024)))
                .extracting(Answer::unavailable)
                .containsOnlyNulls();
    }

    @Test
    void readsListAndDeadSetOfOneMoment() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            try (RespConnection connection = redis.connect()) {
                for (int i = 0; !stop.get(); i++) {
                    String state = Integer.toString(i % 5);
                    connection.command("MULTI");
                    connection.command("DEL", "frontend:foo.bar", "dead:foo.bar");
                    connection.command("RPUSH", "frontend:foo.bar", state, "a", "b", "c", "d", "e");
                    connection.command("SADD", "dead:foo.bar", state);
                    connection.command("EXEC");
                }
            }
        });
        await().until(() -> {
            if (writer.getState() == Thread.State.NEW) {
                writer.start();
            }
            return driver.rows("foo.bar").name() != null;
        });

        for (int i = 0; i < 1_000; i++) {
            Rows rows = driver.rows("foo.bar", "*");
            assertThat(rows.dead())
                    .containsExactly(Integer.valueOf(rows.entries().get(0)));
        }

        stop.set(true);
        writer.join();
    }

    @Test
    void sendsItsScriptAgainWhenTheServerForgotIt() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");

        redis.command("SCRIPT", "FLUSH");

        assertThat(driver.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
    }

    @Test
    void seesItsVeryFirstMarkInALookupOfTheSameTurn() {
        redis.command("SCRIPT", "FLUSH");
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");

        driver.markDead(DEAD);

        assertThat(driver.rows("foo.bar").dead()).containsExactly(1);
    }

    @Test
    void sendsTheScriptOfItsMarksAgainWhenTheServerForgotIt() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        assertThat(driver.marking(DEAD)).isEqualTo(Marking.MARKED);
        redis.command("CONFIG", "RESETSTAT");
        assertThat(driver.marking(DEAD)).isEqualTo(Marking.DEAD_ALREADY);
        assertThat(redis.info("commandstats"))
                .contains("cmdstat_evalsha:calls=1,")
                .doesNotContain("cmdstat_eval:");

        redis.command("SCRIPT", "FLUSH");

        assertThat(driver.marking(DEAD)).isEqualTo(Marking.DEAD_ALREADY);
    }

    @Test
    void onlyAnnouncesADeathWhileAnActiveCheckerLives() throws Exception {
        redis.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());
        await().until(driver::activeCheckerAlive);

        try (RespConnection subscriber = redis.connect()) {
            subscriber.command("SUBSCRIBE", "dead");
            driver.markDead(DEAD);

            assertThat(subscriber.read()).isEqualTo(List.of("message", "dead", "foo.bar;http://b:80/;1;2"));
            assertThat(redis.command("EXISTS", "dead:foo.bar")).isEqualTo(0L);
        }
    }

    @Test
    void marksAgainWhenTheActiveCheckerFellSilent() {
        redis.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());
        await().until(driver::activeCheckerAlive);

        redis.command("SET", "hchecker_ping", "" + (Instant.now().getEpochSecond() - 32));
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        await().until(() -> !driver.activeCheckerAlive());

        driver.markDead(DEAD);
        await().until(() -> redis.exists("dead:foo.bar"));
    }

    @Test
    void keepsToWhatItKnowsOfAnActiveCheckerWhenItCannotAsk() {
        redis.command("SET", "hchecker_ping", "" + Instant.now().getEpochSecond());
        await().until(driver::activeCheckerAlive);
        redis.command("CONFIG", "RESETSTAT");

        redis.del("hchecker_ping");
        redis.rpush("hchecker_ping", "not a string");

        await().until(() -> polls() > 2);
        assertThat(driver.activeCheckerAlive()).isTrue();
    }

    @Test
    void agreesWithManyOtherWorkersOnHowManyMayBeMarked() {
        redis.rpush("frontend:foo.bar", "site");
        IntStream.range(0, 10).forEach(index -> redis.rpush("frontend:foo.bar", "http://b:8" + index));
        List<DriverOnLoop> workers = Stream.generate(() -> DriverOnLoop.connected(redis, RedisSettings.COMMAND_TIMEOUT))
                .limit(4)
                .toList();

        List<Marking> markings = IntStream.range(0, 400)
                .mapToObj(
                        i -> workers.get(i % 4).beginMarking(Deaths.soft("foo.bar", i % 10, "http://b:8" + i % 10, 10)))
                .toList()
                .stream()
                .map(told -> told.orTimeout(20, TimeUnit.SECONDS).join())
                .toList();

        workers.forEach(DriverOnLoop::close);
        assertThat(markings).filteredOn(Marking.MARKED::equals).hasSize(5);
        assertThat(markings).containsOnly(Marking.MARKED, Marking.DEAD_ALREADY, Marking.CAPPED);
        assertThat(redis.command("SCARD", "dead:foo.bar")).isEqualTo(5L);
    }

    @ParameterizedTest
    @CsvSource({"100, 10", "30, 3", "29, 2", "1, 1", "0, 0"})
    void marksAsManyAsItsCapAllows(int cap, int marked) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
        redis.rpush("frontend:foo.bar", "site");
        IntStream.range(0, 10).forEach(index -> redis.rpush("frontend:foo.bar", "http://b:8" + index));

        try (DriverOnLoop capped = DriverOnLoop.connected(
                new RedisSettings(endpoint, endpoint, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), cap))) {
            List<Marking> markings = IntStream.range(0, 10)
                    .mapToObj(index -> capped.marking(Deaths.soft("foo.bar", index, "http://b:8" + index, 10)))
                    .toList();

            assertThat(markings).filteredOn(Marking.MARKED::equals).hasSize(marked);
            assertThat(markings).filteredOn(Marking.CAPPED::equals).hasSize(10 - marked);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 1", "4, 2", "5, 2", "10, 5"})
    void marksNoMoreThanHalfOfTheBackendsThatFailSoftly(int backends, long marked) {
        redis.rpush("frontend:foo.bar", "site");
        IntStream.range(0, backends).forEach(index -> redis.rpush("frontend:foo.bar", "http://b:8" + index));

        Map<Marking, Long> markings = IntStream.range(0, backends)
                .mapToObj(index -> driver.marking(Deaths.soft("foo.bar", index, "http://b:8" + index, backends)))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        assertThat(markings).isEqualTo(Map.of(Marking.MARKED, marked, Marking.CAPPED, backends - marked));
        assertThat(redis.command("SCARD", "dead:foo.bar")).isEqualTo(marked);
    }

    @Test
    void countsEveryDeadBackendForTheLimit() {
        redis.rpush("frontend:foo.bar", "site", "http://b:80", "http://b:81", "http://b:82", "http://b:83");
        redis.sadd("dead:foo.bar", "2", "3");

        assertThat(driver.marking(Deaths.soft("foo.bar", 0, "http://b:80", 4))).isEqualTo(Marking.CAPPED);
        assertThat(driver.marking(Deaths.hard("foo.bar", 0, "http://b:80", 4))).isEqualTo(Marking.MARKED);
        assertThat(driver.marking(Deaths.soft("foo.bar", 3, "http://b:83", 4))).isEqualTo(Marking.DEAD_ALREADY);
    }

    @Test
    void givesUpMarksThatRedisDoesNotKeepUpWith() {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.pause();
        List<CompletableFuture<Marking>> told;
        try {
            told = Stream.generate(() -> driver.beginMarking(DEAD)).limit(1_001).toList();
            assertThat(told.get(1_000).orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Marking.FAILED);
        } finally {
            redis.resume();
        }

        assertThat(told.get(0).orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Marking.MARKED);
        assertThat(told.get(999).orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Marking.DEAD_ALREADY);
    }

    private static int polls() {
        Matcher calls = Pattern.compile("cmdstat_get:calls=(\\d+)").matcher(redis.info("commandstats"));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }

    @Test
    void doesEverythingOnTheLoop() {
        driver.markDead(DEAD);
        driver.read("foo.bar");

        Set<Thread> threads = Thread.getAllStackTraces().keySet();

        assertThat(threads).contains(driver.thread());
        assertThat(threads).noneMatch(thread -> thread.getName().contains("lettuce"));
    }

    @Test
    void connectsToAServerByName() {
        RedisEndpoint endpoint = new RedisEndpoint("localhost", redis.port(), null, 0, "");
        redis.rpush("frontend:foo.bar", "site");

        try (DriverOnLoop byName = DriverOnLoop.connected(settings(endpoint, endpoint))) {
            assertThat(byName.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
        }
    }

    @Test
    void prefixesEveryKeyButNotTheChannel() throws Exception {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, "caf\u00e9:");
        redis.rpush("caf\u00e9:frontend:foo.bar", "site", "http://a:80", "http://b:80");

        try (DriverOnLoop prefixed = DriverOnLoop.connected(settings(endpoint, endpoint));
                RespConnection subscriber = redis.connect()) {
            subscriber.command("SUBSCRIBE", "dead");
            prefixed.markDead(DEAD);

            assertThat(subscriber.read()).isEqualTo(List.of("message", "dead", "foo.bar;http://b:80/;1;2"));
            assertThat(redis.command("SMEMBERS", "caf\u00e9:dead:foo.bar")).isEqualTo(List.of("1"));
            assertThat(prefixed.rows("foo.bar")).extracting(Rows::dead).isEqualTo(Set.of(1));
        }
    }

    @Test
    void readsAndWritesTheDatabaseOfItsEndpoint() {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 3, "");
        redis.rpush("frontend:foo.bar", "zero");
        try (RespConnection connection = redis.connect()) {
            connection.command("SELECT", "3");
            connection.command("RPUSH", "frontend:foo.bar", "three", "http://a:80", "http://b:80");

            try (DriverOnLoop third = DriverOnLoop.connected(settings(endpoint, endpoint))) {
                third.markDead(DEAD);

                assertThat(third.rows("foo.bar"))
                        .extracting(Rows::entries)
                        .isEqualTo(List.of("three", "http://a:80", "http://b:80"));
                await().until(() -> Long.valueOf(1).equals(connection.command("EXISTS", "dead:foo.bar")));
            }
        }
    }

    @Test
    void readsFromOneServerAndMarksOnTheOtherWithThePrefixOfTheFirst() {
        try (TestRedis master = TestRedis.start("s3cret")) {
            RedisEndpoint read = new RedisEndpoint(redis.host(), redis.port(), null, 0, "p:");
            RedisEndpoint write = new RedisEndpoint(master.host(), master.port(), "s3cret", 0, "ignored:");
            redis.rpush("p:frontend:foo.bar", "site");

            try (DriverOnLoop pair = DriverOnLoop.connected(settings(read, write))) {
                assertThat(pair.rows("foo.bar")).extracting(Rows::name).isEqualTo("foo.bar");
                await().until(() -> {
                    pair.markDead(DEAD);
                    return master.exists("p:dead:foo.bar");
                });
                assertThat(redis.command("DBSIZE")).isEqualTo(1L);
            }
        }
    }

    @Test
    void checksTheListOfTheServerOnWhichItMarksWhereThatServerHasIt() {
        try (TestRedis master = TestRedis.start()) {
            RedisEndpoint read = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
            RedisEndpoint write = new RedisEndpoint(master.host(), master.port(), null, 0, "");

            try (DriverOnLoop pair = DriverOnLoop.connected(settings(read, write))) {
                await().until(() -> pair.marking(DEAD) == Marking.MARKED);
                assertThat(pair.marking(Deaths.soft("foo.bar", 0, "http://a:80", 2)))
                        .isEqualTo(Marking.UNCOUNTED);

                master.rpush("frontend:foo.bar", "site", "http://b:80", "http://c:80");
                assertThat(pair.marking(DEAD)).isEqualTo(Marking.MOVED);
            }
        }
    }

    @Test
    void hasOneConnectionForReadsAndWritesToTheSameServer() {
        assertThat(connections()).isEqualTo(1);

        driver.closeDriver();

        await().until(() -> connections() == 0);
    }

    @Test
    void saysWhoseConnectionItIs() {
        try (TestRedis master = TestRedis.start()) {
            RedisEndpoint read = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
            RedisEndpoint write = new RedisEndpoint(master.host(), master.port(), null, 0, "");

            try (DriverOnLoop pair = DriverOnLoop.connected(settings(read, write))) {
                String name = "name=hipache:[^: ]+:" + ProcessHandle.current().pid() + ":";
                await().untilAsserted(() -> assertThat(String.valueOf(master.command("CLIENT", "LIST")))
                        .containsPattern(name + "write "));
                assertThat(String.valueOf(redis.command("CLIENT", "LIST")))
                        .containsPattern(name + "read ")
                        .doesNotContain(":write ");
                assertThat(pair.read("foo.bar").unavailable()).isNull();
            }
        }
    }

    @Test
    void endsALookupUnderWayWhenItIsClosed() {
        redis.pause();
        try {
            var answers = driver.begin(List.of(new HostLookup("foo.bar", List.of("foo.bar"))));
            driver.closeDriver();

            assertThat(DriverOnLoop.await(answers))
                    .extracting(Answer::unavailable)
                    .containsExactly("the driver is closed");
        } finally {
            redis.resume();
        }
    }

    private static int connections() {
        String clients = (String) redis.command("CLIENT", "LIST");
        return clients == null ? 0 : clients.split("name=hipache", -1).length - 1;
    }

    private static RedisSettings settings(RedisEndpoint read, RedisEndpoint write) {
        return new RedisSettings(read, write, RedisSettings.COMMAND_TIMEOUT, Duration.ofSeconds(30), 50);
    }
}
