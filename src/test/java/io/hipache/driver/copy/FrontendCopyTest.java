package io.hipache.driver.copy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.driver.lookup.LookupObserver.Marks;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrontendCopyTest {

    private static final HostLookup FOO = new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*"));
    private static final Rows TWO = new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of());
    private static final Rows WILD = new Rows("*.bar", List.of("wild", "http://w:80", "http://x:80"), Set.of());
    private static final Rows ABSENT = new Rows(null, List.of(), Set.of());
    private static final List<Marks> NO_MARKS = List.of(new Marks(Set.of(), Marks.NO_END));

    private long nanos = 1_000_000_000_000L;
    private final News news = new News();
    private final FrontendCopy copy = copy(Duration.ofSeconds(100), Duration.ofMillis(200));

    private FrontendCopy copy(Duration staleIfDown, Duration settle) {
        return new FrontendCopy(
                new CopySettings(true, staleIfDown, settle, 1 << 20), Duration.ofSeconds(30), 50, news, () -> nanos);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private Rows learn(Rows rows, Marks... marks) {
        return copy.learned(FOO, rows, marks.length == 0 ? NO_MARKS : List.of(marks), 1, nanos);
    }

    @Test
    void answersWhileChangesAreTold() {
        learn(TWO);
        assertThat(copy.fresh(FOO)).isNull();

        copy.told(1);
        assertThat(copy.fresh(FOO)).isEqualTo(TWO);

        copy.untold();
        assertThat(copy.fresh(FOO)).isNull();
    }

    @Test
    void doesNotAnswerWithWhatAnOlderConnectionHasRead() {
        copy.told(1);
        learn(TWO);
        copy.untold();

        copy.told(2);

        assertThat(copy.fresh(FOO)).isNull();
    }

    @Test
    void asksAgainForWhatHasChanged() {
        copy.told(1);
        learn(TWO);

        copy.frontendChanged("foo.bar");
        assertThat(copy.fresh(FOO)).isNull();

        learn(TWO);
        copy.deadSetChanged("foo.bar");
        assertThat(copy.fresh(FOO)).isNull();

        learn(TWO);
        copy.frontendChanged("*.bar");
        assertThat(copy.fresh(FOO)).isEqualTo(TWO);
    }

    @Test
    void knowsThatAHostIsAbsent() {
        copy.told(1);
        learn(ABSENT);
        assertThat(copy.fresh(FOO)).isEqualTo(ABSENT);

        copy.frontendChanged("*");
        assertThat(copy.fresh(FOO)).isNull();
    }

    @Test
    void isAskedOnceAMinuteAtLeast() {
        copy.told(1);
        learn(TWO);

        pass(Duration.ofSeconds(59));
        assertThat(copy.fresh(FOO)).isEqualTo(TWO);

        pass(Duration.ofSeconds(2));
        assertThat(copy.fresh(FOO)).isNull();
    }

    @Test
    void forgetsMarksWhenTheirTimeIsOver() {
        copy.told(1);
        learn(new Rows("foo.bar", TWO.entries(), Set.of(1)), new Marks(Set.of(1), 5_000));

        pass(Duration.ofMillis(4_999));
        assertThat(requireNonNull(copy.fresh(FOO)).dead()).containsExactly(1);

        pass(Duration.ofMillis(1));
        assertThat(copy.fresh(FOO)).isNull();
    }

    @Test
    void readsBothDeadSetsOfAWildcard() {
        HostLookup matched = new HostLookup("foo.bar", List.of("foo.bar", "*.bar"), true);
        copy.told(1);
        copy.learned(
                matched,
                new Rows("*.bar", WILD.entries(), Set.of(0, 1)),
                List.of(new Marks(Set.of(0), 9_000), new Marks(Set.of(1), 9_000)),
                1,
                nanos);
        assertThat(requireNonNull(copy.fresh(matched)).dead()).containsExactlyInAnyOrder(0, 1);

        copy.deadSetChanged("*.bar");
        assertThat(copy.fresh(matched)).isNull();
    }

    @Test
    void answersStaleForItsTimeOnly() {
        copy.told(1);
        learn(TWO);
        pass(Duration.ofSeconds(50));
        copy.untold();

        pass(Duration.ofSeconds(99));
        assertThat(copy.stale(FOO)).isEqualTo(new Rows("foo.bar", TWO.entries(), Set.of(), true));

        pass(Duration.ofSeconds(2));
        assertThat(copy.stale(FOO)).isNull();
    }

    @Test
    void doesNotGuessThatALongerNameIsAbsent() {
        HostLookup other = new HostLookup("other.bar", List.of("other.bar", "*.bar", "*"));
        learn(WILD);

        assertThat(requireNonNull(copy.stale(FOO)).name()).isEqualTo("*.bar");
        assertThat(copy.stale(other)).isNull();
    }

    @Test
    void answersStaleWithWhatHasChangedAndWasNotReadAgain() {
        copy.told(1);
        learn(TWO);
        copy.frontendChanged("foo.bar");
        copy.untold();

        assertThat(requireNonNull(copy.stale(FOO)).entries()).isEqualTo(TWO.entries());
    }

    @Test
    void forgetsEverythingThatWasDeleted() {
        copy.told(1);
        learn(TWO);
        copy.allChanged();

        assertThat(copy.fresh(FOO)).isNull();
        HostLookup other = new HostLookup("other", List.of("other"));
        copy.learned(other, ABSENT, NO_MARKS, 1, nanos);
        assertThat(copy.stale(FOO)).isNull();
    }

    @Test
    void staysStaleWhileAReplicaLoadsTheDataOfItsMaster() {
        copy.told(1);
        learn(TWO);
        pass(Duration.ofMillis(1));
        copy.allChanged();

        assertThat(copy.fresh(FOO)).isNull();
        assertThat(requireNonNull(copy.stale(FOO)).entries()).isEqualTo(TWO.entries());
    }

    @Test
    void canAnswerWhatIsYoungEnough() {
        assertThat(copy.canAnswerStale()).isFalse();
        learn(TWO);
        assertThat(copy.canAnswerStale()).isTrue();

        pass(Duration.ofSeconds(101));
        assertThat(copy.canAnswerStale()).isFalse();
    }

    @Test
    void cannotAnswerWithNamesThatHaveNoList() {
        copy.told(1);
        learn(ABSENT);
        FrontendCopy other = copy(Duration.ofSeconds(100), Duration.ZERO);
        other.takeFrom(copy);

        assertThat(copy.canAnswerStale()).isFalse();
        assertThat(other.canAnswerStale()).isFalse();

        pass(Duration.ofMillis(1));
        learn(TWO);
        other.takeFrom(copy);
        assertThat(copy.canAnswerStale()).isTrue();
        assertThat(other.canAnswerStale()).isTrue();
    }

    @Test
    void cannotAnswerAfterEverythingWasDeleted() {
        copy.told(1);
        learn(TWO);
        copy.allChanged();
        learn(ABSENT);

        assertThat(copy.canAnswerStale()).isFalse();
    }

    @Test
    void doesNotTrustAnAnswerThatIsNoSnapshot() {
        copy.told(1);
        copy.learned(FOO, TWO, NO_MARKS, -1, nanos);

        assertThat(copy.fresh(FOO)).isNull();
        assertThat(requireNonNull(copy.stale(FOO)).entries()).isEqualTo(TWO.entries());
    }

    @Test
    void marksByEntryWhileTheStoreIsAway() {
        learn(TWO);

        assertThat(copy.mark(dead(1, "http://b:80", true))).isEqualTo(Marking.MARKED);

        assertThat(requireNonNull(copy.stale(FOO)).dead()).containsExactly(1);
        assertThat(copy.mark(dead(1, "http://b:80", true))).isEqualTo(Marking.DEAD_ALREADY);
        assertThat(copy.mark(dead(0, "http://a:80", true))).isEqualTo(Marking.CAPPED);
        assertThat(copy.mark(dead(0, "http://other:80", false))).isEqualTo(Marking.MOVED);
        assertThat(copy.mark(dead(0, "http://a:80", false))).isEqualTo(Marking.MARKED);
        // nobody knows which of them are alive
        assertThat(requireNonNull(copy.stale(FOO)).dead()).isEmpty();
        pass(Duration.ofSeconds(30));
        assertThat(requireNonNull(copy.stale(FOO)).dead()).isEmpty();
    }

    @Test
    void countsMarksOfRedisForTheLimitOfSoftFailures() {
        learn(new Rows("foo.bar", TWO.entries(), Set.of(0)), new Marks(Set.of(0), 20_000));

        assertThat(copy.mark(dead(1, "http://b:80", true))).isEqualTo(Marking.CAPPED);
    }

    @Test
    void doesNotMarkTheOnlyBackend() {
        learn(new Rows("foo.bar", List.of("site", "http://a:80"), Set.of()));

        assertThat(copy.mark(dead(0, "http://a:80", false))).isEqualTo(Marking.ONLY_BACKEND);
    }

    @Test
    void takesTheMarkOfAnotherWorker() {
        learn(TWO);
        copy.marked("foo.bar", "http://a:80");

        assertThat(requireNonNull(copy.stale(FOO)).dead()).containsExactly(0);
    }

    @Test
    void keepsTheLastBackendsUntilAnEditorIsDone() {
        learn(TWO);

        assertThat(learn(ABSENT)).isEqualTo(TWO);
        pass(Duration.ofMillis(100));
        assertThat(learn(new Rows("foo.bar", List.of("site"), Set.of()))).isEqualTo(TWO);
        pass(Duration.ofMillis(99));
        assertThat(learn(WILD)).isEqualTo(TWO);

        pass(Duration.ofMillis(1));
        assertThat(learn(WILD)).isEqualTo(WILD);
        // what has vanished for good does not come back
        assertThat(learn(ABSENT)).isEqualTo(WILD);
    }

    @Test
    void doesNotBringBackWhatWasDeletedLongAgo() {
        learn(TWO);
        pass(Duration.ofSeconds(5));

        assertThat(learn(ABSENT)).isEqualTo(ABSENT);
    }

    @Test
    void countsFromTheChangeThatWasTold() {
        copy.told(1);
        learn(TWO);
        pass(Duration.ofSeconds(30));
        copy.frontendChanged("foo.bar");
        pass(Duration.ofMillis(199));
        assertThat(learn(ABSENT)).isEqualTo(TWO);
        learn(TWO);

        copy.frontendChanged("foo.bar");
        pass(Duration.ofMillis(200));
        assertThat(learn(ABSENT)).isEqualTo(ABSENT);
    }

    @Test
    void takesTheNewBackendsOfAnEditorAtOnce() {
        learn(TWO);
        learn(ABSENT);
        Rows fresh = new Rows("foo.bar", List.of("site", "http://c:80"), Set.of());

        assertThat(learn(fresh)).isEqualTo(fresh);
        copy.told(1);
        assertThat(copy.fresh(FOO)).isEqualTo(fresh);
    }

    @Test
    void ignoresADeathUnderAHostThatNobodyAskedFor() {
        copy.marked("foo.bar", "http://a:80");
        learn(TWO);

        assertThat(requireNonNull(copy.stale(FOO)).dead()).isEmpty();
    }

    private static DeadBackend dead(int index, String entry, boolean soft) {
        return new DeadBackend("foo.bar", "foo.bar", index, entry, entry + "/", 2, soft);
    }
}
