package io.hipache.supervisor.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerWordsTest {
    private static final String STAMP = "\\d{1,2} [A-Z][a-z]{2} \\d\\d:\\d\\d:\\d\\d - ";

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private long now;
    private final WorkerWords words = new WorkerWords(4711, this::write, () -> now);

    @Test
    void leavesTheWorkersOwnMessagesAsTheyAre() {
        say("22 Nov 08:33:11 - (worker #4711) größer\n");

        assertThat(lines()).containsExactly("22 Nov 08:33:11 - (worker #4711) größer");
    }

    @Test
    void saysOfEveryOtherLineWhoseItIs() {
        say("a stray print\n\n");

        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).matches(STAMP + "\\(worker #4711\\) \\[warn] a stray print");
        assertThat(lines().get(1)).matches(STAMP + "\\(worker #4711\\) ");
    }

    @Test
    void letsNoWorkerSpeakForTheSupervisorOrAnotherWorker() {
        say("22 Nov 08:33:11 - listening on http://evil\n22 Nov 08:33:11 - (worker #4712) hello\n");

        assertThat(lines()).allMatch(line -> line.matches(STAMP + "\\(worker #4711\\) \\[warn] 22 Nov 08:33:11 - .*"));
    }

    @Test
    void escapesWhatMayLookLikeTheBeginningOfALine() {
        say("22 Nov 08:33:11 - (worker #4711) a\r22 Nov 08:33:11 - b\u0085c\u2028d\u001b[2Ke\r\n");

        assertThat(lines())
                .containsExactly("22 Nov 08:33:11 - (worker #4711) a\\x0D22 Nov 08:33:11 - b\\x85c\\u2028d\\x1B[2Ke");
    }

    @Test
    void leavesOutAndCountsWhatIsTooMuch() {
        int each = 10_000;
        int said = 10 * WorkerWords.BURST_BYTES / each;
        for (int i = 0; i < said; i++) {
            say("x".repeat(each) + "\n");
        }
        int passed = lines().size();
        now += Duration.ofSeconds(2).toNanos();
        say("y\n");

        assertThat(log.size()).isLessThan(WorkerWords.BURST_BYTES + 2 * each);
        assertThat(lines()).hasSize(passed + 2);
        assertThat(lines().get(passed))
                .endsWith("left out " + (said - passed) + " lines of this worker, because there were too many");
        assertThat(lines().get(passed + 1)).endsWith(" y");
    }

    @Test
    void boundsAlsoShortLinesWhichGrowMostOnTheirWay() {
        long before = now;
        String many = "\u0085\n".repeat(20_000);
        for (int i = 0; i < 300; i++) {
            now += Duration.ofMillis(10).toNanos();
            say(many);
        }

        long seconds = Duration.ofNanos(now - before).toSeconds();
        assertThat((long) log.size())
                .isLessThan(WorkerWords.BURST_BYTES + (seconds + 1) * WorkerWords.BYTES_PER_SECOND);
    }

    @Test
    void countsTheLostLinesAtTheEnd() {
        say("x".repeat(WorkerWords.BURST_BYTES) + "\n");
        say("lost\n");

        words.end();

        assertThat(lines()).last().asString().endsWith("left out 1 line of this worker, because there were too many");
    }

    private void say(String text) {
        words.accept(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private void write(ByteBuffer whole) {
        log.write(whole.array(), whole.arrayOffset() + whole.position(), whole.remaining());
    }

    private List<String> lines() {
        return log.toString(UTF_8).lines().toList();
    }
}
