package io.hipache.snapshot;

import static io.hipache.snapshot.EntryTest.entry;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.snapshot.KnownEntries.Change;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownEntriesTest {

    private static final long NOW = 1_000;

    private final KnownEntries entries = new KnownEntries(8_000);

    private Change add(Entry entry) {
        return entries.add(entry, NOW);
    }

    private static Entry forgotten(Entry.Kind kind, String name, long millis) {
        return requireNonNull(Entry.of(kind, name, millis, List.of()));
    }

    @Test
    void keepsWhatIsNewest() {
        assertThat(add(entry("a", 5, "one"))).isEqualTo(Change.CONTENT);
        assertThat(add(entry("a", 6, "one"))).isEqualTo(Change.NOTHING);
        assertThat(add(entry("a", 4, "two"))).isEqualTo(Change.NOTHING);
        assertThat(entries.all()).containsExactly(entry("a", 5, "one"));

        assertThat(add(entry("a", 7))).isEqualTo(Change.CONTENT);
        assertThat(entries.all()).containsExactly(entry("a", 7));
        assertThat(add(entry("a", 8, "one"))).isEqualTo(Change.CONTENT);
        assertThat(entries.all()).containsExactly(entry("a", 8, "one"));
    }

    @Test
    void notesTwiceAMinuteThatNothingHasChanged() {
        long now = 100_000;
        entries.add(entry("a", 5, "one"), now);

        assertThat(entries.add(entry("a", 5 + KnownEntries.TIME_MILLIS - 1, "one"), now))
                .isEqualTo(Change.NOTHING);
        assertThat(entries.add(entry("a", 5 + KnownEntries.TIME_MILLIS, "one"), now))
                .isEqualTo(Change.TIME);
        assertThat(entries.all()).containsExactly(entry("a", 5 + KnownEntries.TIME_MILLIS, "one"));
    }

    @Test
    void knowsNothingOfTheFuture() {
        add(entry("a", Long.MAX_VALUE, "one"));

        assertThat(entries.all()).containsExactly(entry("a", NOW, "one"));
    }

    @Test
    void tellsAFrontendFromACertificateOfTheSameName() {
        Entry certificate = requireNonNull(Entry.of(Entry.Kind.CERTIFICATE, "a", 5, List.of("cert", "key")));
        add(entry("a", 5, "one"));
        add(certificate);

        add(forgotten(Entry.Kind.FORGOTTEN_FRONTEND, "a", 6));

        assertThat(entries.all()).containsExactly(certificate);
    }

    @Test
    void forgets() {
        add(entry("a", 5, "one"));
        add(entry("b", 6, "one"));
        add(entry("c", 5));
        assertThat(add(forgotten(Entry.Kind.FORGOTTEN_FRONTEND, "x", 6))).isEqualTo(Change.NOTHING);
        assertThat(add(forgotten(Entry.Kind.FORGOTTEN_FRONTEND, "a", 4))).isEqualTo(Change.NOTHING);

        assertThat(add(forgotten(Entry.Kind.FORGOTTEN_FRONTEND, "a", 6))).isEqualTo(Change.CONTENT);
        assertThat(entries.all()).containsExactly(entry("c", 5), entry("b", 6, "one"));
        assertThat(add(forgotten(Entry.Kind.FORGOTTEN_ALL, "*", 5))).isEqualTo(Change.CONTENT);
        assertThat(entries.all()).containsExactly(entry("b", 6, "one"));
        assertThat(add(forgotten(Entry.Kind.FORGOTTEN_ALL, "*", 5))).isEqualTo(Change.NOTHING);
    }

    @Test
    void hasRoomForSoMuch() {
        for (int i = 0; i < 1_000; i++) {
            add(entry("host" + i, 5, "http://backend:80"));
        }

        // 6,000 bytes at 320 for each
        assertThat(entries.all()).hasSizeBetween(15, 22);
        assertThat(entries.all().get(entries.size() - 1)).isEqualTo(entry("host999", 5, "http://backend:80"));
        add(entry("host999", 6, "x".repeat(10_000)));
        assertThat(entries.all().get(entries.size() - 1)).isEqualTo(entry("host998", 5, "http://backend:80"));
    }

    @Test
    void keepsFrontendsHoweverManyNamesHaveNone() {
        add(entry("a", 5, "one"));

        for (int i = 0; i < 1_000; i++) {
            add(entry("no" + i, 5));
        }

        assertThat(entries.all()).contains(entry("a", 5, "one"));
        assertThat(entries.size()).isLessThan(12);
    }

    @Test
    void givesBackTheRoomOfWhatIsGone() {
        for (int i = 0; i < 1_000; i++) {
            add(entry("a", 5, "x".repeat(i)));
            add(entry("b", 5, "x".repeat(i)));
            add(forgotten(Entry.Kind.FORGOTTEN_FRONTEND, "b", 5));
        }

        assertThat(entries.all()).containsExactly(entry("a", 5, "x".repeat(999)));
    }
}
