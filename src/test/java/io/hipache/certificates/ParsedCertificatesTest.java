package io.hipache.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParsedCertificatesTest {

    private static final PemPair ONE = new PemPair("one", "s3cret");
    private static final PemPair TWO = new PemPair("two", "s3cret");
    private static final PemPair BAD = new PemPair("bad", "s3cret");

    private final RecordedLog log = RecordedLog.of(ParsedCertificates.class);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Queue<Runnable> parser = new ArrayDeque<>();
    private final List<String> parsedOnes = new ArrayList<>();
    private final List<String> discarded = new ArrayList<>();
    private final ParsedCertificates<String> parsed = with(3);
    private boolean parserIsFull;

    @AfterEach
    void end() {
        log.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void parsesAPairOnceHoweverManyWantIt() {
        Answer first = get("a", ONE);
        Answer second = get("a", ONE);
        assertThat(first.given).isFalse();

        parse();
        Answer third = get("a", ONE);

        assertThat(List.of(first, second, third)).extracting(Answer::toString).containsOnly("one");
        assertThat(parsedOnes).hasSize(1);
    }

    @Test
    void parsesAgainWhenThePairChanges() {
        good("a", ONE);

        Answer changed = get("a", TWO);
        assertThat(parsed.lastGood("a")).isEqualTo("one");
        parse();

        assertThat(changed).hasToString("two");
        assertThat(parsed.lastGood("a")).isEqualTo("two");
        assertThat(discarded).containsExactly("one");
    }

    @Test
    void keepsTheLastGoodOneWhileTheNewOneIsOfNoUseAndSaysSoOnce() {
        good("a", ONE);

        Answer during = get("a", BAD);
        parse();
        Answer afterwards = get("a", BAD);

        assertThat(during).hasToString("one");
        assertThat(afterwards).hasToString("one");
        assertThat(parser).isEmpty();
        assertThat(warnings())
                .containsExactly("a: its certificate cannot be used, the previous one stays in use: no PEM");
    }

    @Test
    void hasNothingForAPairThatNeverWasOfUse() {
        Answer answer = get("a", BAD);
        parse();

        assertThat(answer).hasToString("null");
        assertThat(get("a", BAD).given).isTrue();
        assertThat(warnings())
                .containsExactly("a: its certificate cannot be used, a wildcard's or the default one is shown: no PEM");
    }

    @Test
    void keepsTheLastGoodOneBesideHalfAPairAndSaysSoOnce() {
        good("a", ONE);

        assertThat(parsed.unusable("a", "it has no field key")).isEqualTo("one");
        assertThat(parsed.unusable("a", "it has no field key")).isEqualTo("one");

        assertThat(get("a", ONE)).hasToString("one");
        assertThat(parsed.unusable("a", "it has no field key")).isEqualTo("one");
        assertThat(warnings())
                .containsExactly(
                        "a: its certificate cannot be used, the previous one stays in use: it has no field key",
                        "a: its certificate cannot be used, the previous one stays in use: it has no field key");
    }

    @Test
    void neverLogsAKey() {
        good("a", ONE);
        good("a", TWO);
        get("a", BAD);
        parse();

        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines()).noneMatch(line -> line.contains("s3cret"));
        assertThat(ONE.toString()).doesNotContain("s3cret");
    }

    @Test
    void forgetsWhatIsGone() {
        good("a", ONE);

        parsed.forget("a");

        assertThat(parsed.lastGood("a")).isNull();
        assertThat(parsed.knows("a")).isFalse();
        assertThat(discarded).containsExactly("one");
    }

    @Test
    void keepsThoseAskedForLast() {
        good("a", ONE);
        good("b", TWO);
        good("c", ONE);
        get("a", ONE);

        good("d", ONE);

        assertThat(parsed.knows("a")).isTrue();
        assertThat(parsed.knows("b")).isFalse();
        assertThat(discarded).containsExactly("two");
    }

    @Test
    void answersWhoWaitsForWhatIsGoneByThen() {
        Answer answer = get("a", ONE);
        parsed.forget("a");

        parse();

        assertThat(answer).hasToString("one");
        assertThat(parsed.knows("a")).isFalse();
        assertThat(discarded).containsExactly("one");
    }

    @Test
    void theLaterOfTwoChangesStays() {
        Answer first = get("a", ONE);
        Answer second = get("a", TWO);

        parse();

        assertThat(first).hasToString("one");
        assertThat(second).hasToString("two");
        assertThat(parsed.lastGood("a")).isEqualTo("two");
        assertThat(discarded).containsExactly("one");
    }

    @Test
    void givesTheLastGoodOneWhenTooMuchWaitsToBeParsed() {
        good("a", ONE);
        parserIsFull = true;

        assertThat(get("a", TWO)).hasToString("one");
        assertThat(get("b", TWO)).hasToString("null");

        parserIsFull = false;
        Answer later = get("a", TWO);
        parse();
        assertThat(later).hasToString("two");
    }

    @Test
    void saysOfAFaultNothingButItsKind() {
        ParsedCertificates<String> faulty =
                new ParsedCertificates<>(channel.eventLoop(), Runnable::run, discarded::add, 3);

        Answer answer = new Answer();
        faulty.get(
                "a",
                ONE,
                () -> {
                    throw new IllegalStateException(ONE.key());
                },
                answer::accept);
        channel.runPendingTasks();

        assertThat(answer).hasToString("null");
        assertThat(warnings())
                .containsExactly(
                        "a: its certificate cannot be used, a wildcard's or the default one is shown: IllegalStateException");
    }

    private ParsedCertificates<String> with(int size) {
        return new ParsedCertificates<>(
                channel.eventLoop(),
                task -> {
                    if (parserIsFull) {
                        throw new RejectedExecutionException();
                    }
                    parser.add(task);
                },
                discarded::add,
                size);
    }

    private String parse(PemPair pair) throws UnusableCertificateException {
        if (pair.equals(BAD)) {
            throw new UnusableCertificateException("no PEM");
        }
        parsedOnes.add(pair.certificate());
        return pair.certificate();
    }

    private Answer get(String name, PemPair pair) {
        Answer answer = new Answer();
        parsed.get(name, pair, () -> parse(pair), answer::accept);
        return answer;
    }

    private void good(String name, PemPair pair) {
        get(name, pair);
        parse();
    }

    private void parse() {
        for (Runnable task = parser.poll(); task != null; task = parser.poll()) {
            task.run();
        }
        channel.runPendingTasks();
    }

    private List<String> warnings() {
        return log.linesWith("cannot be used");
    }

    /** The answer to one caller. */
    private static final class Answer {
        private boolean given;
        private @Nullable String parsed;

        void accept(@Nullable String told) {
            assertThat(given).isFalse();
            given = true;
            parsed = told;
        }

        @Override
        public String toString() {
            return given ? String.valueOf(parsed) : "waits";
        }
    }
}
