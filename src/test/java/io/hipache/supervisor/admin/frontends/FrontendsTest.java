package io.hipache.supervisor.admin.frontends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.config.json.JsonText;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontendsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    private final Map<String, JsonNode> seen = new ConcurrentHashMap<>();
    private final List<String> changes = new CopyOnWriteArrayList<>();

    @AutoClose
    private final Frontends frontends = open(redis.port(), LONG);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void findsHostsWithTheirBackendsAndMarks() throws Exception {
        redis.rpush("frontend:a.foo.org", "site", "http://a:80", "http://b:80");
        redis.rpush("frontend:foo.org", "other", "http://a:80");
        redis.command("SET", "frontend:text.foo.org", "x");
        redis.rpush("frontend:bar.org", "bar");
        redis.sadd("dead:a.foo.org", "1");

        JsonNode page = search("foo", 10);

        assertThat(page.toString())
                .isEqualTo(json("{'search':'foo','matches':3,'names':4,'complete':true,'truncated':false,'frontends':["
                        + "{'name':'foo.org','identifier':'other','backends':1,'marks':0},"
                        + "{'name':'a.foo.org','identifier':'site','backends':2,'marks':1},"
                        + "{'name':'text.foo.org','problem':'not_a_list'}]}"));
        assertThat(names(search("foo", 1))).containsExactly("foo.org");
        assertThat(names(search("", 10))).hasSize(4);
    }

    @Test
    void hostsThatTheWorkersKnowAreFirst() throws Exception {
        for (String name : List.of("a", "b", "c", "d")) {
            redis.rpush("frontend:" + name + ".org", "site");
        }
        seen.put("gone.org", JsonText.read("{}"));
        seen.put("c.org", JsonText.read("{}"));

        assertThat(names(search("org", 10))).containsExactly("c.org", "a.org", "b.org", "d.org");
    }

    @Test
    void aHostShowsTheFiguresOfItsOwnFrontendAlone() throws Exception {
        redis.rpush("frontend:www.foo.org", "site", "http://a");
        redis.rpush("frontend:*.org", "site", "http://b");
        seen.put("*.org", JsonText.read(json("{'host':'*.org'}")));

        assertThat(frontends.host("www.foo.org").join().body().has("workers")).isFalse();
        assertThat(frontends.host("bar.org").join().body().at("/workers/host").asText())
                .isEqualTo("*.org");
    }

    @Test
    void oneHostIsExplainedWithWhatTheWorkersKnowOfEachBackend() throws Exception {
        redis.rpush("frontend:*.org", "site", "http://a", "http://b:81", "http://c:82", "http://d:83");
        redis.sadd("dead:foo.org", "2");
        redis.command("EXPIRE", "dead:foo.org", "100");
        seen.put(
                "foo.org",
                JsonText.read(json("{'marks':[{'backend':'http://c:82/','since':5,'until':9,'why':'x'}],"
                        + "'failures':[{'time':7,'backend':'http://d:83/','reason':'late'},{'time':6,'backend':'http://d:83/'},"
                        + "{'time':5,'backend':'http://b:81/'}]}")));

        JsonNode page = frontends.host("FOO.org:80").join().body();

        assertThat(page.path("frontend").asText()).isEqualTo("*.org");
        assertThat(page.path("names").findValuesAsText("finding")).contains("absent", "matches");
        assertThat(page.path("backends").findValuesAsText("url"))
                .containsExactly("http://c:82", "http://d:83", "http://b:81", "http://a");
        JsonNode dead = page.at("/backends/0");
        assertThat(dead.path("since").asLong()).isEqualTo(5);
        assertThat(dead.path("why").asText()).isEqualTo("x");
        assertThat(dead.path("until").asLong() - page.path("time").asLong()).isBetween(90_000L, 100_000L);
        assertThat(page.at("/backends/1/failures").asInt()).isEqualTo(2);
        assertThat(page.at("/backends/1/lastFailure/reason").asText()).isEqualTo("late");
        assertThat(page.at("/next/candidates")).hasSize(3);
        assertThat(frontends.host("no host").join().status()).isEqualTo(400);
    }

    @Test
    void everyChangeIsAnEventAndAMessageThatNamesWhoAndWhat() throws Exception {
        try (RecordedLog log = RecordedLog.of(Frontends.class)) {
            change(
                    "foo.org",
                    "{'action':'add','backends':['http://me:secret@a:80','http://b:80'],'identifier':'site'}");
            change("foo.org", "{'action':'add','backends':['http://c:80']}");
            redis.sadd("dead:foo.org", "0", "1");
            change("foo.org", "{'action':'revive','backends':['http://b:80']}");
            change("foo.org", "{'action':'drain','backends':['http://b:80']}");
            change("foo.org", "{'action':'remove','backends':['http://c:80']}");
            assertThat(change("foo.org", "{'action':'remove','backends':['http://c:80']}")
                            .path("changed")
                            .asBoolean())
                    .isFalse();

            assertThat(redis.command("LRANGE", "frontend:foo.org", "0", "-1"))
                    .isEqualTo(List.of("site", "http://me:secret@a:80"));
            assertThat(redis.command("SMEMBERS", "dead:foo.org")).isEqualTo(List.of("0"));
            assertThat(changes)
                    .containsExactly(
                            "backends_added foo.org http://a:80/ http://b:80/ by me",
                            "backends_added foo.org http://c:80/ by me",
                            "marks_ended foo.org http://b:80/ by me",
                            "backends_drained foo.org http://b:80/ by me",
                            "backends_removed foo.org http://c:80/ by me");
            assertThat(log.lines())
                    .hasSize(5)
                    .contains("backends were drained by the admin listener, asked by me: foo.org http://b:80/");
        }
    }

    @Test
    void theLastBackendThatCountsAsAliveIsRemovedButNotDrained() throws Exception {
        redis.rpush("frontend:foo.org", "site", "http://a:80");

        Frontends.Answer refused = post("foo.org", "{'action':'drain','backends':['http://a:80']}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().path("error").asText()).contains("without a backend that counts as alive");
        assertThat(change("foo.org", "{'action':'remove','backends':['http://a:80']}")
                        .path("backends")
                        .asInt())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{} {}",
                "{'action':'add','action':'add','backends':['http://a:80']}",
                "{'action':'delete','backends':['http://a:80']}",
                "{'action':['add'],'backends':['http://a:80']}",
                "{'action':'add','backends':'http://a:80'}",
                "{'action':'add','backends':[]}",
                "{'action':'add','backends':[1]}",
                "{'action':'add','backends':['nonsense']}",
                "{'action':'add','backends':['http://a:80\\u0000']}",
                "{'action':'remove','backends':['\\ud800']}",
                "{'action':'revive','backends':['0']}",
                "{'action':'add','backends':['http://a:80'],'identifier':''}",
                "{'action':'remove','backends':['http://a:80'],'identifier':'x'}",
                "{'action':'add','backends':['http://a:80'],'force':true}",
                "{'action':'add','backends':['http://new:80']}",
            })
    void refusesWhatIsNoOrder(String body) {
        assertThat(post("foo.org", body).status()).isEqualTo(400);
        assertThat(redis.command("DBSIZE")).isEqualTo(0L);
        assertThat(changes).isEmpty();
    }

    @Test
    void refusesMoreBackendsThanOneLooksThrough() {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            urls.add("'http://a:" + (i + 1) + "'");
        }

        assertThat(post("foo.org", "{'action':'add','identifier':'x','backends':[" + String.join(",", urls) + "]}")
                        .status())
                .isEqualTo(400);
        assertThat(post("foo org", "{'action':'add','identifier':'x','backends':['http://a:80']}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aNewFrontendIsFoundAtOnce() throws Exception {
        assertThat(names(search("", 10))).isEmpty();

        change("foo.org", "{'action':'add','backends':['http://a:80'],'identifier':'site'}");

        search("", 10);
        await().until(() -> names(search("", 10)).equals(List.of("foo.org")));
    }

    @Test
    void nothingIsKeptWhenNobodyAsks() throws Exception {
        redis.rpush("frontend:foo.org", "site");
        try (Frontends shortlived = open(redis.port(), Duration.ofMillis(1))) {
            assertThat(shortlived.isConnected()).isFalse();
            assertThat(shortlived.search("", 1).join().status()).isEqualTo(200);
            await().until(() -> !shortlived.isConnected());
            assertThat(shortlived.search("", 1).join().body().path("names").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void saysWhenRedisIsAway() throws Exception {
        int port = TestRedis.freePort();
        try (Frontends away = open(port, LONG)) {
            Frontends.Answer answer = away.search("", 1).join();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().path("error").asText()).contains("cannot connect");
            assertThat(away.host("foo.org").join().status()).isEqualTo(503);
        }
    }

    @Test
    void asksNothingMoreOnceClosed() {
        frontends.close();

        assertThat(frontends.search("", 1).join().status()).isEqualTo(503);
    }

    @Test
    void searches100000HostsInAMoment() throws Exception {
        redis.command(
                "EVAL",
                "for i = 0, 99999 do redis.call('RPUSH', 'frontend:app' .. i .. '.customers.example.com', 'app' .. i,"
                        + " 'http://10.0.0.1:80') end",
                "0");
        await().pollInterval(Duration.ofMillis(50))
                .until(() -> search("", 1).path("complete").asBoolean());

        JsonNode found = search("99999", 50);
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            long start = System.nanoTime();
            search("p" + i, 50);
            fastest = Math.min(fastest, System.nanoTime() - start);
        }

        assertThat(found.path("names").asInt()).isEqualTo(100_000);
        assertThat(names(found)).containsExactly("app99999.customers.example.com");
        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(100));
    }

    private Frontends open(int port, Duration idle) {
        try {
            HipacheConfig config = ConfigJson.decode("{\"driver\": \"redis://127.0.0.1:" + port + "\"}");
            return new Frontends(config, new KnownWorkers(), idle);
        } catch (io.hipache.config.ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode search(String text, int limit) {
        return frontends.search(text, limit).join().body();
    }

    private static List<String> names(JsonNode page) {
        return page.path("frontends").findValuesAsText("name");
    }

    private JsonNode change(String name, String body) {
        Frontends.Answer answer = post(name, body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        return answer.body();
    }

    private Frontends.Answer post(String name, String body) {
        return frontends
                .change(name, json(body).getBytes(StandardCharsets.UTF_8), "me")
                .join();
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    /** What a test says that the workers know. */
    private final class KnownWorkers implements Frontends.Workers {
        @Override
        public List<String> hosts(String text) {
            return seen.keySet().stream().filter(name -> name.contains(text)).toList();
        }

        @Override
        public @Nullable JsonNode host(String name) {
            return seen.get(name);
        }

        @Override
        public void changed(String kind, String host, String backends, String who) {
            changes.add(kind + " " + host + " " + backends + " by " + who);
        }
    }
}
