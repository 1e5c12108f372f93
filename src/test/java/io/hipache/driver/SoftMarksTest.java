package io.hipache.driver;

import static io.hipache.driver.Deaths.hard;
import static io.hipache.driver.Deaths.soft;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.DeathSettings;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.HostLookup;
import io.hipache.routing.Room;
import io.hipache.routing.Route;
import io.hipache.routing.Router;
import io.hipache.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No request of one client leaves a site without a backend: which entries count, and which marks give way to others. */
class SoftMarksTest {

    private static final String A = "http://a:80";
    private static final String B = "http://b:80";

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

    static Stream<String> unusable() {
        return Stream.of(
                "",
                "junk",
                "10.0.0.1:80",
                "ftp://a:80",
                "http://",
                "https://",
                "http:///x",
                "http://:80",
                "http://u@",
                "http://a@:80",
                "http://a b",
                "http://a /x",
                "http://a:80 /x",
                "http://[::1",
                "http://[]",
                "http://[:]x",
                "http://x_y.z:80:80",
                "http://a:0",
                "HTTP://a:00",
                "http://a:65536",
                "http://a:99999",
                "http://a:abc",
                "http://a:-1",
                A + "/" + "x".repeat(9_000));
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void anEntryThatIsNeverChosenIsNoBackendThatIsLeft(String entry) {
        redis.rpush("frontend:foo.bar", "site", A, entry);

        assertThat(driver.marking(soft("foo.bar", 0, A, 2))).isEqualTo(Marking.ONLY_BACKEND);

        assertThat(redis.exists("dead:foo.bar")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTPS://B:443",
                " http://b \n",
                "http://u:p@x@b:80/p?q#f",
                "http://b:",
                "http://b:00080",
                "http://[::1]",
                "http://[::ffff:10.0.0.1]:65535\\x",
                "http://b_c-d.e",
                "http://b/é"
            })
    void anEntryThatIsChosenCounts(String entry) {
        redis.rpush("frontend:foo.bar", "site", A, entry);

        assertThat(driver.marking(soft("foo.bar", 0, A, 2))).isEqualTo(Marking.MARKED);
        assertThat(driver.marking(soft("foo.bar", 1, entry, 2))).isEqualTo(Marking.CAPPED);
    }

    @Test
    void countsInALongListToo() {
        List<String> entries = new ArrayList<>(List.of("site", A));
        for (int i = 0; i < 400; i++) {
            entries.add("http://junk:0");
        }
        redis.rpush("frontend:foo.bar", entries.toArray(String[]::new));

        assertThat(driver.marking(soft("foo.bar", 0, A, 401))).isEqualTo(Marking.ONLY_BACKEND);
        redis.rpush("frontend:foo.bar", B);
        assertThat(driver.marking(soft("foo.bar", 0, A, 402))).isEqualTo(Marking.MARKED);
        assertThat(driver.marking(soft("foo.bar", 401, B, 402))).isEqualTo(Marking.CAPPED);
    }

    /** The script and the router read entries by two parsers. Where they differ, the script must be the stricter one. */
    @Test
    void countsNothingThatTheRouterWouldNotChoose() {
        String[] pieces = {
            "http://",
            "https://",
            "HtTp://",
            "http:/",
            "a",
            "b.c",
            "_",
            "-",
            "1",
            ":",
            ":80",
            ":0",
            ":65535",
            ":65536",
            "[",
            "]",
            "[::1]",
            "[1.2.3.4]",
            "@",
            "/",
            "\\",
            "?",
            "#",
            " ",
            "\t",
            "\u000b",
            "\u00a0",
            "é",
            "%",
            "x:y"
        };
        Random random = new Random(42);
        int usable = 0;
        for (int i = 0; i < 1_500; i++) {
            StringBuilder text = new StringBuilder(random.nextInt(8) == 0 ? "" : pieces[random.nextInt(3)]);
            for (int length = random.nextInt(5); length >= 0; length--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            String entry = text.toString();
            String host = "h" + i;
            redis.rpush("frontend:" + host, "site", A, entry);

            boolean counted = driver.marking(soft(host, 0, A, 2)) == Marking.MARKED;
            boolean chosen = isChosen(entry);

            boolean ascii = entry.chars().allMatch(c -> c < 128);
            assertThat(counted).as("«%s» is chosen: %s", entry, chosen).isEqualTo(ascii ? chosen : counted && chosen);
            usable += counted ? 1 : 0;
        }
        assertThat(usable).isBetween(200, 1_300);
    }

    @Test
    void aHardFailureOfTheLastOneThatIsLeftLiftsTheMarksOfSoftOnes() {
        redis.rpush("frontend:foo.bar", "site", A, B, "http://junk:0");

        assertThat(driver.marking(soft("foo.bar", 0, A, 3))).isEqualTo(Marking.MARKED);
        try (DriverOnLoop otherWorker = DriverOnLoop.connected(redis, RedisSettings.COMMAND_TIMEOUT)) {
            assertThat(otherWorker.marking(hard("foo.bar", 1, B, 3))).isEqualTo(Marking.MARKED_LAST);
        }

        assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(1));
        assertThat(driver.marking(soft("foo.bar", 0, A, 3))).isEqualTo(Marking.CAPPED);
        assertThat(driver.marking(hard("foo.bar", 0, A, 3))).isEqualTo(Marking.MARKED);
        assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(0, 1));
    }

    @Test
    void aHardFailureLiftsNoMarkWhileAnotherBackendIsLeft() {
        redis.rpush("frontend:foo.bar", "site", A, B, "http://c:80");

        assertThat(driver.marking(soft("foo.bar", 0, A, 3))).isEqualTo(Marking.MARKED);
        assertThat(driver.marking(hard("foo.bar", 1, B, 3))).isEqualTo(Marking.MARKED);

        assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(0, 1));
    }

    @Test
    void aMarkIsNotLiftedOnceItsBackendHasFailedHardAsWell() {
        redis.rpush("frontend:foo.bar", "site", A, B);

        assertThat(driver.marking(soft("foo.bar", 0, A, 2))).isEqualTo(Marking.MARKED);
        assertThat(driver.marking(hard("foo.bar", 0, A, 2))).isEqualTo(Marking.DEAD_ALREADY);
        assertThat(driver.marking(hard("foo.bar", 1, B, 2))).isEqualTo(Marking.MARKED);

        assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(0, 1));
    }

    @Test
    void liftsNoMarkThatAnotherProgramHasSet() {
        redis.rpush("frontend:foo.bar", "site", A, B);
        redis.sadd("dead:foo.bar", "0");

        assertThat(driver.marking(soft("foo.bar", 0, A, 2))).isEqualTo(Marking.DEAD_ALREADY);
        assertThat(driver.marking(hard("foo.bar", 1, B, 2))).isEqualTo(Marking.MARKED);

        assertThat(driver.rows("foo.bar").dead()).isEqualTo(Set.of(0, 1));
    }

    @Test
    void remembersWhichMarksAreSoftAsLongAsTheMarks() {
        redis.rpush("frontend:foo.bar", "site", A, B, "http://c:80");

        driver.marking(soft("foo.bar", 0, A, 3));
        redis.command("EXPIRE", "dead:foo.bar;soft", "5");
        driver.marking(hard("foo.bar", 1, B, 3));

        assertThat(redis.command("SMEMBERS", "dead:foo.bar;soft")).isEqualTo(List.of("0"));
        assertThat(redis.command("TTL", "dead:foo.bar;soft")).isEqualTo(redis.command("TTL", "dead:foo.bar"));
    }

    private static boolean isChosen(String entry) {
        List<Route> routes = new ArrayList<>();
        Router router = new Router(new OneList(entry), new DeathSettings(false, false));
        router.route("h", Set.of(), null, backend -> Room.SOCKET, 0, routes::add);
        return requireNonNull(routes.get(0)) instanceof Route.Chosen;
    }

    /** A store with one list. */
    private record OneList(String entry) implements Driver {
        @Override
        public void read(HostLookup lookup, ReadCallback callback) {
            callback.rows(new Rows("h", List.of("site", entry), Set.of()));
        }

        @Override
        public void markDead(DeadBackend dead, Consumer<Marking> told) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean answersFromCopy() {
            return false;
        }

        @Override
        public boolean isReachable() {
            return true;
        }

        @Override
        public boolean activeCheckerAlive() {
            return false;
        }

        @Override
        public void close() {}
    }
}
