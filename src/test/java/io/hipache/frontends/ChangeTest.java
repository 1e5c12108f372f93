package io.hipache.frontends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.testing.TestRedis;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeTest {

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    private static final String KEY = "p:frontend:foo.bar";

    @AutoClose
    private final StoreConnection store = OpenStore.of(redis, "p:");

    private final Change change = new Change(store);

    ChangeTest() throws StoreException {}

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void createsAFrontendInOneStep() throws Exception {
        Change.Result result = change.add("foo.bar", "site", List.of("http://a:80", "http://b:80"));

        assertThat(result).isEqualTo(new Change.Result(true, 2, 3, 0, 0));
        assertThat(list()).isEqualTo(List.of("site", "http://a:80", "http://b:80"));
    }

    @Test
    void wantsAnIdentifierForANewFrontendAndNoOtherForAnOldOne() throws Exception {
        assertThatThrownBy(() -> change.add("foo.bar", null, List.of("http://a:80")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("there is no frontend foo.bar yet")
                .isInstanceOfSatisfying(InvalidInputException.class, e -> {
                    assertThat(e.forCommandLine()).endsWith("--id");
                    assertThat(e.forRequest()).doesNotContain("--id").contains("identifier");
                });
        change.add("foo.bar", "site", List.of());

        assertThatThrownBy(() -> change.add("foo.bar", "other", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("site already");
        assertThat(list()).isEqualTo(List.of("site"));
    }

    @Test
    void replacesNoListOfAFrontendThatDoesNotExist() {
        assertThatThrownBy(() -> change.set("foo.bar", null, List.of("http://a:80")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("there is no frontend foo.bar yet");

        assertThat(redis.exists(KEY)).isFalse();
    }

    @Test
    void addsNothingTwice() throws Exception {
        redis.rpush(KEY, "site", "http://a:80");

        Change.Result result = change.add("foo.bar", null, List.of("http://a:80", "http://b:80", "http://b:80"));

        assertThat(result.entries()).isEqualTo(1);
        assertThat(list()).isEqualTo(List.of("site", "http://a:80", "http://b:80"));
        assertThat(change.add("foo.bar", "site", List.of("http://b:80")).changed())
                .isFalse();
    }

    @Test
    void movesTheMarksWithTheirEntries() throws Exception {
        redis.rpush(KEY, "site", "http://a:80", "http://b:80", "http://c:80", "http://a:80");
        redis.sadd("p:dead:foo.bar", "0", "2", "3", "junk");
        redis.sadd("p:dead:foo.bar;soft", "2");
        redis.command("EXPIRE", "p:dead:foo.bar", "100");

        Change.Result result = change.remove("foo.bar", List.of("http://b:80"));

        assertThat(result).isEqualTo(new Change.Result(true, 3, 1, 2, 1));
        assertThat(marks("p:dead:foo.bar")).containsExactly("0", "1", "2");
        assertThat(marks("p:dead:foo.bar;soft")).containsExactly("1");
        assertThat((Long) redis.command("TTL", "p:dead:foo.bar")).isBetween(1L, 100L);
    }

    @Test
    void dropsTheMarksOfEntriesThatAreGone() throws Exception {
        redis.rpush(KEY, "site", "http://a:80", "http://b:80");
        redis.sadd("p:dead:foo.bar", "0");

        Change.Result result = change.set("foo.bar", null, List.of("http://b:80", "http://c:80"));

        assertThat(result.droppedMarks()).isEqualTo(1);
        assertThat(list()).isEqualTo(List.of("site", "http://b:80", "http://c:80"));
        assertThat(redis.exists("p:dead:foo.bar")).isFalse();
    }

    @Test
    void drainsABackendOnlyWhenAnotherOneCountsAsAlive() throws Exception {
        redis.rpush(KEY, "site", "http://a:80", "http://b:80", "http://c:80");
        redis.sadd("p:dead:foo.bar", "1");

        assertThat(change.drain("foo.bar", List.of("http://c:80")).entries()).isEqualTo(1);
        assertThatThrownBy(() -> change.drain("foo.bar", List.of("http://a:80")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("foo.bar would be left without a backend that counts as alive");
        assertThat(list()).isEqualTo(List.of("site", "http://a:80", "http://b:80"));
        assertThat(change.drain("foo.bar", List.of("http://b:80")).changed()).isTrue();
        assertThat(change.drain("foo.bar", List.of("http://b:80")).changed()).isFalse();
        assertThat(list()).isEqualTo(List.of("site", "http://a:80"));
    }

    @Test
    void removesAFrontendWithItsMarks() throws Exception {
        redis.rpush(KEY, "site", "http://a:80");
        redis.sadd("p:dead:foo.bar", "0");

        assertThat(change.delete("foo.bar").changed()).isTrue();
        assertThat(change.delete("foo.bar").changed()).isFalse();
        assertThat(redis.command("DBSIZE")).isEqualTo(0L);
    }

    @Test
    void replacesALongListAndSeesThatNothingIsToBeDone() throws Exception {
        List<String> urls = IntStream.range(0, 9_000)
                .mapToObj(i -> "http://10.0.0.1:" + (i + 1))
                .toList();

        assertThat(change.set("foo.bar", "site", urls).changed()).isTrue();
        assertThat(change.set("foo.bar", "site", urls).changed()).isFalse();
        assertThat(redis.command("LLEN", KEY)).isEqualTo(9_001L);
    }

    @Test
    void leavesAKeyOfAWrongTypeAlone() {
        redis.command("SET", KEY, "x");

        assertThatThrownBy(() -> change.set("foo.bar", "site", List.of()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.WRONG_TYPE));
        assertThat(redis.command("GET", KEY)).isEqualTo("x");
    }

    private static @Nullable Object list() {
        return redis.command("LRANGE", KEY, "0", "-1");
    }

    private static Set<Object> marks(String key) {
        return new TreeSet<>((List<?>) redis.command("SMEMBERS", key));
    }
}
