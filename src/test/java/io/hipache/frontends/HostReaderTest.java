package io.hipache.frontends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.config.ConfigJson;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Finding;
import io.hipache.frontends.HostState.Name;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Route;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.testing.TestRedis;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostReaderTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    @AutoClose
    private final StoreConnection store = OpenStore.of(redis, "");

    private final HostReader reader = new HostReader(store, false, 100);

    HostReaderTest() throws StoreException {}

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void tellsWhichNameMatchesAndWhichAreShadowed() throws Exception {
        redis.rpush("frontend:*.foo.bar", "site", "http://a:80");
        redis.rpush("frontend:*", "rest", "http://b:80");

        HostState state = reader.read("www.Foo.bar:80");

        assertThat(state.host()).isEqualTo("www.foo.bar");
        assertThat(state.names())
                .contains(
                        new Name("www.foo.bar", "frontend:www.foo.bar", Finding.ABSENT, 0),
                        new Name("*.foo.bar", "frontend:*.foo.bar", Finding.MATCHES, 2),
                        new Name("*.bar", "frontend:*.bar", Finding.NOT_NEEDED, 0),
                        new Name("*", "frontend:*", Finding.SHADOWED, 2));
        assertThat(state.isRouted()).isTrue();
        assertThat(state.identifier()).isEqualTo("site");
    }

    @Test
    void tellsTheStateOfEachBackend() throws Exception {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80", "c:80", "http://d");
        redis.sadd("dead:foo.bar", "0", "1", "junk");
        redis.sadd("dead:foo.bar;soft", "1");

        HostState state = reader.read("foo.bar");

        assertThat(state.backends())
                .containsExactly(
                        new BackendEntry(0, "http://a:80", true, new Mark(false, -1)),
                        new BackendEntry(1, "http://b:80", true, new Mark(true, -1)),
                        new BackendEntry(2, "c:80", false, null),
                        new BackendEntry(3, "http://d", true, null));
        assertThat(state.route()).isInstanceOfSatisfying(Route.Chosen.class, chosen -> assertThat(chosen.index())
                .isEqualTo(3));
    }

    @Test
    void findsTheReasonsOfTheRouter() throws Exception {
        redis.rpush("frontend:empty.bar", "site");
        redis.rpush("frontend:bad.bar", "site", "nonsense");
        redis.command("SET", "frontend:text.bar", "x");
        redis.rpush("frontend:large.bar", "site");
        for (int i = 0; i < 101; i++) {
            redis.rpush("frontend:large.bar", "http://a:80");
        }

        assertThat(reason("none.bar")).isEqualTo(EndReason.NO_FRONTEND);
        assertThat(reason("empty.bar")).isEqualTo(EndReason.NO_LIVE_BACKEND);
        assertThat(reason("bad.bar")).isEqualTo(EndReason.INVALID_BACKEND);
        assertThat(reason("text.bar")).isEqualTo(EndReason.STORE_WRONG_TYPE);
        assertThat(reason("large.bar")).isEqualTo(EndReason.STORE_TOO_LARGE);
        assertThatThrownBy(() -> reader.read("no host"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("malformed host");
    }

    @Test
    void countsADeadSetOfAWrongTypeAsEmpty() throws Exception {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        redis.command("SET", "dead:foo.bar", "x");

        HostState state = reader.read("foo.bar");

        assertThat(state.isRouted()).isTrue();
        assertThat(state.deadSets())
                .singleElement()
                .extracting(DeadSet::problem)
                .asString()
                .contains("is not a set");
    }

    @Test
    void readsTheDeadSetOfTheWildcardWhereThatIsConfigured() throws Exception {
        redis.rpush("frontend:*.bar", "site", "http://a:80", "http://b:80");
        redis.sadd("dead:*.bar", "0");
        redis.sadd("dead:foo.bar", "1");

        assertThat(reader.read("foo.bar").backends().get(0).mark()).isNull();
        assertThat(reader.read("foo.bar").isRouted()).isTrue();
        assertThat(new HostReader(store, true, 100).read("foo.bar").isRouted()).isFalse();
    }

    @Test
    void walksThroughFrontendsAndMarksWhateverElseIsThere() throws Exception {
        for (int i = 0; i < 1_200; i++) {
            redis.rpush("frontend:n" + i + ".bar", "id" + i, "http://a:" + (i + 1));
        }
        redis.command("SET", "frontend:text.bar", "x");
        redis.sadd("dead:n7.bar", "0");
        redis.command("SET", "dead:n7.bar:http://a:8", "checker");
        FrontendScan scan = new FrontendScan(store, "*");
        List<FrontendScan.Frontend> found = new java.util.ArrayList<>();
        while (!scan.isFinished()) {
            found.addAll(scan.next());
        }

        assertThat(found).hasSize(1_201).extracting(FrontendScan.Frontend::name).doesNotHaveDuplicates();
        assertThat(found).filteredOn(frontend -> !frontend.isList()).hasSize(1);
        assertThat(found)
                .filteredOn(frontend -> frontend.marks() > 0)
                .containsExactly(new FrontendScan.Frontend("n7.bar", true, "id7", List.of("http://a:8"), 1));
        assertThat(DeadScan.read(store, "*").locks()).isEqualTo(1);
        assertThat(DeadScan.read(store, "*").sets()).extracting(DeadSet::host).containsExactly("n7.bar");
    }

    @Test
    void summarizesFrontendsInOneStep() throws Exception {
        redis.rpush("frontend:a.bar", "i".repeat(300), "http://a:80", "http://b:80");
        redis.sadd("dead:a.bar", "1");
        redis.command("SET", "frontend:text.bar", "x");

        assertThat(FrontendScan.summaries(store, List.of("text.bar", "none.bar", "a.bar")))
                .containsExactly(
                        new FrontendScan.Summary("text.bar", false, "", 0, 0),
                        new FrontendScan.Summary("a.bar", true, "i".repeat(256), 2, 1));
        assertThat(FrontendScan.summaries(store, List.of())).isEmpty();
    }

    @Test
    void explainsWithWhatTheWorkersHaveSeen() throws Exception {
        redis.rpush("frontend:foo.bar", "site", "http://a:80");
        redis.sadd("dead:foo.bar", "0");
        Explanation explanation = Explanation.read(store, ConfigJson.decode("{}"), "Foo.bar");

        assertThat(explanation.json("seen")).containsEntry("workers", "seen").containsEntry("host", "foo.bar");
        assertThat(explanation.json(null))
                .doesNotContainKey("workers")
                .extractingByKey("next")
                .asString()
                .contains("no_live_backend", "each backend is marked dead");
    }

    @Test
    void revivesWithBothSets() throws Exception {
        redis.rpush("frontend:foo.bar", "site", "http://a:80", "http://b:80");
        redis.sadd("dead:foo.bar", "0", "1");
        redis.sadd("dead:foo.bar;soft", "0");

        assertThat(new Revival(store).revive("foo.bar", Set.of(0, 7))).isEqualTo(1);

        assertThat(redis.exists("dead:foo.bar;soft")).isFalse();
        assertThat(redis.command("SMEMBERS", "dead:foo.bar")).isEqualTo(List.of("1"));
    }

    private EndReason reason(String host) throws Exception {
        return ((Route.Refused) reader.read(host).route()).reason();
    }
}
