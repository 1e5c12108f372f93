package io.hipache.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.certificates.CertificateStore.ReadCallback;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.testing.RecordedLog;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesByNameTest {

    private static final Duration PATIENCE = CertificatesByName.LONGEST_WAIT;

    private final RecordedLog log = RecordedLog.of("io.hipache.certificates");
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Queue<Runnable> parser = new ArrayDeque<>();
    private final NameIndex<FileCertificate<String>> files = new NameIndex<>();
    private final FakeStore store = new FakeStore();
    private final List<String> shown = new ArrayList<>();
    private final CertificatesByName<String> certificates = with(store);

    @BeforeEach
    void stopTheClock() {
        channel.freezeTime();
    }

    @AfterEach
    void end() {
        log.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void showsTheDefaultToWhoAsksForNothing() {
        assertThat(chosen(null)).isEqualTo("default");
        assertThat(store.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "::1", "a..b", "*.example", "\ufffd.example", "a b.example"})
    void makesNoLookupForWhatIsNoHostName(String asked) {
        store.has("a.example", "stored");

        assertThat(chosen(asked)).isEqualTo("default");
        assertThat(store.asked).isEmpty();
    }

    @Test
    void prefersTheExactNameToTheWildcard() {
        store.has("a.example", "exact");
        store.has("*.example", "wild");

        assertThat(chosen("a.example")).isEqualTo("exact");
        assertThat(chosen("A.EXAMPLE.")).isEqualTo("exact");
        assertThat(chosen("b.example")).isEqualTo("wild");
        assertThat(chosen("a.b.example")).isEqualTo("default");
        assertThat(chosen("example")).isEqualTo("default");
    }

    @Test
    void prefersAFileToTheStore() {
        inFile("a.example", "file");
        inFile("*.b.example", "wild file");
        store.has("a.example", "stored");
        store.has("*.b.example", "wild stored");

        assertThat(chosen("a.example")).isEqualTo("file");
        assertThat(store.asked).isEmpty();
        assertThat(chosen("a.b.example")).isEqualTo("wild file");
    }

    @Test
    void prefersAnExactNameInTheStoreToAWildcardInAFile() {
        inFile("*.example", "wild file");
        store.has("a.example", "stored");

        assertThat(chosen("a.example")).isEqualTo("stored");
        assertThat(chosen("b.example")).isEqualTo("wild file");
    }

    @Test
    void worksWithoutAStore() {
        inFile("a.example", "file");
        inFile("*.example", "wild file");
        CertificatesByName<String> filesOnly = with(null);

        assertThat(chosen(filesOnly, "a.example")).isEqualTo("file");
        assertThat(chosen(filesOnly, "b.example")).isEqualTo("wild file");
        assertThat(chosen(filesOnly, "b.other")).isEqualTo("default");
    }

    @Test
    void ofTwoFilesForANameTheFirstOneCounts() {
        inFile("a.example", "first");
        inFile("a.example", "second");

        assertThat(chosen("a.example")).isEqualTo("first");
    }

    @Test
    void seesAChangeInTheStoreAtTheNextHandshake() {
        store.has("a.example", "old");
        assertThat(chosen("a.example")).isEqualTo("old");

        store.has("a.example", "new");
        assertThat(chosen("a.example")).isEqualTo("new");

        store.kept.clear();
        assertThat(chosen("a.example")).isEqualTo("default");
    }

    @Test
    void keepsTheLastGoodOneUntilItsSuccessorIsWhole() {
        store.has("a.example", "old");
        store.has("*.example", "wild");
        assertThat(chosen("a.example")).isEqualTo("old");

        store.has("a.example", "bad");
        assertThat(chosen("a.example")).isEqualTo("old");
        store.kept.put("a.example", new Stored.Unusable("it has no field key"));
        assertThat(chosen("a.example")).isEqualTo("old");
        store.has("a.example", "new");
        assertThat(chosen("a.example")).isEqualTo("new");
    }

    @Test
    void goesOnToTheWildcardWhereNothingWasEverGood() {
        store.kept.put("a.example", new Stored.Unusable("it has no field key"));
        store.has("b.example", "bad");
        store.has("*.example", "wild");

        assertThat(chosen("a.example")).isEqualTo("wild");
        assertThat(chosen("b.example")).isEqualTo("wild");
    }

    @Test
    void showsTheLastGoodOneWhileTheStoreIsAway() {
        inFile("*.b.example", "wild file");
        store.has("a.example", "exact");
        store.has("*.example", "wild");
        chosen("a.example");
        chosen("c.example");

        store.away = true;

        assertThat(chosen("a.example")).isEqualTo("exact");
        assertThat(chosen("c.example")).isEqualTo("wild");
        assertThat(chosen("a.b.example")).isEqualTo("wild file");
        assertThat(chosen("a.other")).isEqualTo("default");
    }

    @Test
    void doesNotWaitForEverForAStoreThatSaysNothing() {
        store.has("a.example", "exact");
        chosen("a.example");
        store.silent = true;

        List<String> answers = new ArrayList<>();
        certificates.choose("a.example", answers::add);
        certificates.choose("b.example", answers::add);
        channel.advanceTimeBy(PATIENCE.toMillis() - 1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(answers).isEmpty();

        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(answers).containsExactly("exact", "default");
    }

    @Test
    void learnsFromAnAnswerThatCameTooLate() {
        store.has("a.example", "exact");
        store.silent = true;
        List<String> answers = new ArrayList<>();
        certificates.choose("a.example", answers::add);
        channel.advanceTimeBy(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        store.speak();
        parse();

        assertThat(answers).containsExactly("default");
        store.away = true;
        assertThat(chosen("a.example")).isEqualTo("exact");
    }

    @Test
    void doesNotWaitForEverForTheParser() {
        store.has("a.example", "exact");
        List<String> answers = new ArrayList<>();

        certificates.choose("a.example", answers::add);
        channel.advanceTimeBy(CertificatesByName.LONGEST_PARSING.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        assertThat(answers).containsExactly("default");
        assertThat(parser).hasSize(1);
    }

    @Test
    void tellsWhichCertificatesOfTheStoreAreShown() {
        inFile("f.example", "file");
        store.has("a.example", "exact");
        store.has("*.example", "wild");
        store.has("bad.example", "bad");

        List.of("a.example", "a.example", "b.example", "f.example", "bad.example", "unknown")
                .forEach(this::chosen);

        assertThat(shown).containsExactly("a.example exact", "a.example exact", "*.example wild", "*.example wild");
    }

    @Test
    void boundsTheLookupsForNamesThatNobodyHasHeardOf() {
        store.has("a.example", "exact");
        assertThat(chosen("a.example")).isEqualTo("exact");

        for (int i = 0; i < 1_000; i++) {
            assertThat(chosen("n" + i + ".random")).isEqualTo("default");
        }

        assertThat(store.asked).hasSize(101);
        assertThat(log.lines()).hasSize(1);
        store.has("a.example", "changed");
        assertThat(chosen("a.example")).isEqualTo("changed");
    }

    @Test
    void showsTheWildcardThatItKnowsToAFloodOfNames() {
        inFile("*.b.example", "wild file");
        store.has("*.example", "wild");
        for (int i = 0; i < 1_000; i++) {
            assertThat(chosen("n" + i + ".example")).isEqualTo("wild");
        }

        assertThat(chosen("a.b.example")).isEqualTo("wild file");
        assertThat(store.asked).hasSize(100);
    }

    @Test
    void keepsNoMoreTextThanThousandsOfUsualCertificatesHave() {
        String large = "c".repeat(120_000);
        for (int i = 0; i < 500; i++) {
            store.has("h" + i + ".example", i % 2 == 0 ? large + i : "bad");
            chosen("h" + i + ".example");
        }
        store.away = true;

        long kept = IntStream.range(0, 500)
                .filter(i -> chosen("h" + i + ".example").startsWith("c"))
                .count();

        assertThat(kept).isBetween(150L, 210L);
        assertThat(chosen("h498.example")).isEqualTo(large + 498);
    }

    @Test
    void letsNoMoreTextWaitForTheParserThanItCanKeep() {
        String large = "c".repeat(120_000);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            store.has("h" + i + ".example", large + i);
            certificates.choose("h" + i + ".example", answers::add);
        }

        assertThat(parser).hasSizeBetween(60, 75);
        assertThat(answers).hasSize(200 - parser.size()).containsOnly("default");
        parse();
        assertThat(answers).hasSize(200);
        assertThat(chosen("h199.example")).isEqualTo(large + 199);
    }

    @Test
    void logsAFewLinesASecondAboutWhatTenantsWrite() {
        for (int i = 0; i < 200; i++) {
            store.has("h" + i + ".example", "bad");
            assertThat(chosen("h" + i + ".example")).isEqualTo("default");
        }

        assertThat(log.lines()).hasSizeBetween(1, 50);
    }

    private void inFile(String host, String certificate) {
        files.add(List.of(host), new FileCertificate<>("/" + host + "/" + certificate, () -> certificate));
    }

    private CertificatesByName<String> with(@Nullable CertificateStore of) {
        ParsedCertificates<String> parsed =
                new ParsedCertificates<>(channel.eventLoop(), parser::add, dropped -> {}, 1_000);
        return new CertificatesByName<>(
                channel.eventLoop(),
                files,
                of,
                pair -> () -> parse(pair),
                (name, certificate) -> shown.add(name + " " + certificate),
                "default",
                parsed,
                new MissBudget(100, () -> 0));
    }

    private String chosen(@Nullable String asked) {
        return chosen(certificates, asked);
    }

    private String chosen(CertificatesByName<String> from, @Nullable String asked) {
        List<String> chosen = new ArrayList<>();
        from.choose(asked, chosen::add);
        parse();
        assertThat(chosen).hasSize(1);
        return chosen.get(0);
    }

    private static String parse(PemPair pair) throws UnusableCertificateException {
        if (pair.certificate().equals("bad")) {
            throw new UnusableCertificateException("no PEM");
        }
        return pair.certificate();
    }

    /** A parsed certificate may lead to another one that must be parsed too. */
    private void parse() {
        for (Runnable task = parser.poll(); task != null; task = parser.poll()) {
            task.run();
            channel.runPendingTasks();
        }
    }

    /** Answers at once; when it is silent, a test calls {@link #speak} for the answers. */
    private static final class FakeStore implements CertificateStore {
        private final Map<String, Stored> kept = new HashMap<>();
        private final List<ServerName> asked = new ArrayList<>();
        private final List<Runnable> unspoken = new ArrayList<>();
        private boolean away;
        private boolean silent;

        void has(String name, String certificate) {
            kept.put(name, new Stored.Pair(new PemPair(certificate, "key")));
        }

        @Override
        public void read(ServerName name, ReadCallback callback) {
            asked.add(name);
            Runnable answer = () -> answer(name, callback);
            if (silent) {
                unspoken.add(answer);
            } else {
                answer.run();
            }
        }

        void speak() {
            silent = false;
            unspoken.forEach(Runnable::run);
        }

        private void answer(ServerName name, ReadCallback callback) {
            if (away) {
                callback.unavailable("away");
            } else {
                callback.found(
                        kept.getOrDefault(name.name(), new Stored.Nothing()),
                        kept.getOrDefault(String.valueOf(name.wildcard()), new Stored.Nothing()));
            }
        }
    }
}
