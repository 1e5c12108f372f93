package io.hipache.driver.copy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.hipache.certificates.ServerName;
import io.hipache.driver.lookup.LookupObserver.Marks;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.snapshot.Entry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a worker tells of its copies, and what it takes from others. */
class CopyReportTest {

    private static final long MILLIS = 1_700_000_000_000L;
    private static final HostLookup FOO = new HostLookup("foo.bar", List.of("foo.bar", "*.bar", "*"));
    private static final Rows TWO = new Rows("foo.bar", List.of("site", "http://a:80", "http://b:80"), Set.of());
    private static final Rows WILD = new Rows("*.bar", List.of("wild", "http://w:80"), Set.of());
    private static final Rows ABSENT = new Rows(null, List.of(), Set.of());
    private static final Stored PAIR = new Stored.Pair(new PemPair("cert", "key"));
    private static final Stored NOTHING = new Stored.Nothing();
    private static final int ALL = 1 << 20;

    private final News news = new News();
    private final CopySettings settings = new CopySettings(true, Duration.ofSeconds(100), Duration.ZERO, 1 << 20);
    private long nanos = 1_000_000_000_000L;
    private final FrontendCopy frontends = new FrontendCopy(settings, Duration.ofSeconds(30), 50, news, () -> nanos);
    private final CertificateCopy certificates = new CertificateCopy(settings, news, () -> nanos);

    @BeforeEach
    void turnOn() {
        news.turn(true);
    }

    private void learn(Rows rows) {
        frontends.learned(FOO, rows, List.of(new Marks(Set.of(), Marks.NO_END)), 1, nanos);
    }

    private List<Entry> taken() {
        return news.take(ALL, frontends, certificates, nowMillis());
    }

    private long nowMillis() {
        return MILLIS + nanos / 1_000_000;
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private Entry told(Entry.Kind kind, String name, String... texts) {
        return requireNonNull(Entry.of(kind, name, nowMillis(), List.of(texts)));
    }

    @Test
    void tellsWhatIsNewOnce() {
        learn(TWO);

        assertThat(taken()).containsExactly(told(Entry.Kind.FRONTEND, "foo.bar", "site", "http://a:80", "http://b:80"));
        learn(TWO);
        assertThat(taken()).isEmpty();
        learn(new Rows("foo.bar", List.of("site", "http://a:80"), Set.of()));
        assertThat(taken()).containsExactly(told(Entry.Kind.FRONTEND, "foo.bar", "site", "http://a:80"));
    }

    @Test
    void tellsOnceAMinuteThatNothingHasChanged() {
        learn(TWO);
        taken();

        pass(Duration.ofSeconds(59));
        learn(TWO);
        assertThat(taken()).isEmpty();
        pass(Duration.ofSeconds(1));
        learn(TWO);
        assertThat(taken()).hasSize(1);
    }

    @Test
    void tellsNamesWithoutAListInFrontOfAWildcard() {
        learn(WILD);

        assertThat(taken())
                .containsExactly(
                        told(Entry.Kind.FRONTEND, "*.bar", "wild", "http://w:80"),
                        told(Entry.Kind.FRONTEND, "foo.bar"));
    }

    @Test
    void tellsAgainWhatWasTrueUntilRedisWasLost() {
        frontends.told(1);
        certificates.told(1);
        learn(TWO);
        certificates.learned("foo.bar", PAIR, 1, nanos);
        assertThat(taken()).hasSize(2);

        pass(Duration.ofHours(1));
        frontends.untold();
        certificates.untold();

        assertThat(taken())
                .containsExactly(
                        told(Entry.Kind.FRONTEND, "foo.bar", "site", "http://a:80", "http://b:80"),
                        told(Entry.Kind.CERTIFICATE, "foo.bar", "cert", "key"));
        assertThat(frontends.stale(FOO)).isNotNull();
    }

    @Test
    void tellsNothingAgainThatHasChanged() {
        frontends.told(1);
        learn(TWO);
        taken();

        pass(Duration.ofHours(1));
        frontends.frontendChanged("foo.bar");
        frontends.untold();

        assertThat(taken()).isEmpty();
    }

    @Test
    void takesWhatTheDriverBeforeAReloadKnew() {
        learn(WILD);
        certificates.learned("foo.bar", PAIR, 1, nanos);
        certificates.learned("*.bar", NOTHING, 1, nanos);
        pass(Duration.ofSeconds(40));
        FrontendCopy next = new FrontendCopy(settings, Duration.ofSeconds(30), 50, new News(), () -> nanos);
        CertificateCopy nextCertificates = new CertificateCopy(settings, new News(), () -> nanos);

        next.takeFrom(frontends);
        nextCertificates.takeFrom(certificates);

        ServerName name = requireNonNull(ServerName.of("foo.bar"));
        next.told(1);
        assertThat(next.fresh(FOO)).isNull();
        assertThat(requireNonNull(next.stale(FOO)).entries()).isEqualTo(WILD.entries());
        assertThat(nextCertificates.stale(name)).isEqualTo(new CertificateCopy.Both(PAIR, NOTHING));
        pass(Duration.ofSeconds(60));
        assertThat(next.stale(FOO)).isNull();
        assertThat(nextCertificates.stale(name)).isNull();
    }

    @Test
    void tellsToForgetWhatIsGone() {
        learn(TWO);
        taken();

        learn(ABSENT);

        assertThat(taken())
                .containsExactly(
                        told(Entry.Kind.FORGOTTEN_FRONTEND, "foo.bar"),
                        told(Entry.Kind.FORGOTTEN_FRONTEND, "*.bar"),
                        told(Entry.Kind.FORGOTTEN_FRONTEND, "*"));
        learn(WILD);
        assertThat(taken()).extracting(Entry::kind).containsOnly(Entry.Kind.FRONTEND);
    }

    @Test
    void tellsToForgetEverything() {
        learn(TWO);

        frontends.allChanged();
        learn(ABSENT);

        assertThat(taken().get(0)).isEqualTo(told(Entry.Kind.FORGOTTEN_ALL, "*"));
    }

    @Test
    void tellsToForgetAListThatIsTooLong() {
        learn(new Rows("foo.bar", List.of("site", "x".repeat(Entry.MAX_BYTES)), Set.of()));

        assertThat(taken()).containsExactly(told(Entry.Kind.FORGOTTEN_FRONTEND, "foo.bar"));
        learn(new Rows("foo.bar", List.of("site", "x".repeat(Entry.MAX_BYTES)), Set.of()));
        assertThat(taken()).isEmpty();
    }

    @Test
    void tellsCertificates() {
        certificates.learned("foo.bar", PAIR, 1, nanos);
        certificates.learned("*.bar", NOTHING, 1, nanos);

        assertThat(taken())
                .containsExactly(
                        told(Entry.Kind.CERTIFICATE, "foo.bar", "cert", "key"), told(Entry.Kind.CERTIFICATE, "*.bar"));
        certificates.learned("foo.bar", PAIR, 1, nanos);
        assertThat(taken()).isEmpty();
    }

    @Test
    void collectsNothingForNobody() {
        news.turn(false);
        learn(TWO);
        certificates.learned("foo.bar", PAIR, 1, nanos);
        frontends.allChanged();

        assertThat(news.isEmpty()).isTrue();
    }

    @Test
    void takesALittleAtATime() {
        learn(WILD);
        certificates.learned("foo.bar", PAIR, 1, nanos);

        assertThat(news.take(1, frontends, certificates, nowMillis())).hasSize(1);
        assertThat(taken()).hasSize(2);
        assertThat(news.isEmpty()).isTrue();
    }

    @Test
    void keepsABoundedNumberOfNames() {
        for (int i = 0; i < News.MOST + 5; i++) {
            news.certificate("host" + i);
            KnownName known = new KnownName("host" + i);
            news.frontend(known, true, nanos);
            news.unknownHost(new KnownName("other" + i), true, nanos);
            KnownName listed = new KnownName("listed" + i);
            listed.restored(List.of("site", "http://a:80"), nanos);
            news.frontend(listed, true, nanos);
        }

        assertThat(news.size()).isEqualTo(4 * News.MOST);
    }

    @Test
    void answersWithWhatOthersKnewUntilThatIsTooOld() {
        learn(WILD);
        certificates.learned("foo.bar", PAIR, 1, nanos);
        certificates.learned("*.bar", NOTHING, 1, nanos);
        List<Entry> entries = taken();
        long then = nowMillis();

        FrontendCopy other = new FrontendCopy(settings, Duration.ofSeconds(30), 50, new News(), () -> nanos);
        CertificateCopy otherCertificates = new CertificateCopy(settings, new News(), () -> nanos);
        entries.stream()
                .filter(entry -> entry.kind() == Entry.Kind.FRONTEND)
                .forEach(entry -> other.restore(entry, then + 40_000));
        entries.stream()
                .filter(entry -> entry.kind() == Entry.Kind.CERTIFICATE)
                .forEach(entry -> otherCertificates.restore(entry, then + 40_000));

        ServerName name = requireNonNull(ServerName.of("foo.bar"));
        assertThat(other.fresh(FOO)).isNull();
        assertThat(requireNonNull(other.stale(FOO)).entries()).isEqualTo(WILD.entries());
        assertThat(otherCertificates.fresh(name)).isNull();
        assertThat(otherCertificates.stale(name)).isEqualTo(new CertificateCopy.Both(PAIR, NOTHING));
        pass(Duration.ofSeconds(59));
        assertThat(other.stale(FOO)).isNotNull();
        pass(Duration.ofSeconds(1));
        assertThat(other.stale(FOO)).isNull();
        assertThat(otherCertificates.stale(name)).isNull();
    }

    @Test
    void believesRedisMoreThanOthers() {
        learn(TWO);

        frontends.restore(told(Entry.Kind.FRONTEND, "foo.bar", "old", "http://old:80"), nowMillis());

        assertThat(requireNonNull(frontends.stale(FOO)).entries()).isEqualTo(TWO.entries());
    }

    @Test
    void takesFromOthersWhatIsNewer() {
        learn(TWO);
        pass(Duration.ofSeconds(50));
        frontends.restore(told(Entry.Kind.FRONTEND, "foo.bar", "new", "http://new:80"), nowMillis());

        pass(Duration.ofSeconds(90));

        assertThat(requireNonNull(frontends.stale(FOO)).entries()).containsExactly("new", "http://new:80");
    }

    @Test
    void takesNothingThatIsTooOld() {
        frontends.restore(told(Entry.Kind.FRONTEND, "foo.bar", "site", "http://a:80"), nowMillis() + 100_000);

        assertThat(frontends.size()).isZero();
    }
}
