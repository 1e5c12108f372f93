package io.hipache.supervisor.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalLinesTest {
    private final StringBuilder journal = new StringBuilder();
    private final JournalLines lines = new JournalLines(bytes -> journal.append(UTF_8.decode(bytes)));

    @Test
    void haveThePriorityOfTheirMessagesAndTheLongTimeAlone() {
        say(
                "1 Dec 08:33:11 - early in the month",
                "22 Nov 08:33:11 - listening",
                "22 Nov 08:33:11 - [error] cannot start",
                "    at io.hipache.Main",
                "22 Nov 08:33:11 - (worker #4711) [warn] refused",
                "22 Nov 08:33:11 - (worker #4711)     at io.hipache.Main",
                "22 Nov 08:33:11 - (worker #4711) [debug] more",
                "hipache: config.json cannot be used, 1 problem:",
                "  server.workers: missing",
                "2026-11-22T08:33:11.042+01:00 - (worker #4711) [error] iso",
                "2026-11-22T08:33:11.042+01:00 - calm [error]",
                "# A fatal error has been detected by the Java Runtime Environment:");

        assertThat(journal.toString().lines())
                .containsExactly(
                        "<6>early in the month",
                        "<6>listening",
                        "<3>[error] cannot start",
                        "<3>    at io.hipache.Main",
                        "<4>(worker #4711) [warn] refused",
                        "<4>(worker #4711)     at io.hipache.Main",
                        "<7>(worker #4711) [debug] more",
                        "<3>hipache: config.json cannot be used, 1 problem:",
                        "<3>  server.workers: missing",
                        "<3>2026-11-22T08:33:11.042+01:00 - (worker #4711) [error] iso",
                        "<6>2026-11-22T08:33:11.042+01:00 - calm [error]",
                        "<4># A fatal error has been detected by the Java Runtime Environment:");
    }

    @Test
    void areWrittenWhereStandardErrorIsTheJournal() {
        assertThat(JournalLines.areWanted(Map.of())).isFalse();
        assertThat(JournalLines.areWanted(Map.of("JOURNAL_STREAM", "8:1"))).isFalse();
    }

    private void say(String... said) {
        lines.accept(ByteBuffer.wrap((String.join("\n", said) + "\n").getBytes(UTF_8)));
    }
}
