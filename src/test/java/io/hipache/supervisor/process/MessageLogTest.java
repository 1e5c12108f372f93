package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hipache.accesslog.LogMove;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MessageLogTest {
    private final PrintStream original = System.err;
    private final Path first;
    private final Path second;

    MessageLogTest(@TempDir Path folder) {
        first = folder.resolve("first.log");
        second = folder.resolve("second.log");
    }

    @AfterEach
    void restore() {
        System.setErr(original);
    }

    @Test
    void movesFromStandardErrorToAFileToAnotherAndBack() throws Exception {
        try (MessageLog log = MessageLog.open("stderr")) {
            LogMove toFirst = log.prepareMove(first.toString());
            assertThat(System.err).isSameAs(original);

            toFirst.make();
            System.err.println("one");
            log.prepareMove(second.toString()).make();
            System.err.println("two");
            log.prepareMove("stderr").make();
            System.err.println("MessageLogTest writes this line to standard error");

            await().until(() -> contains(second, "two"));
            assertThat(first).content().contains("one").doesNotContain("two");
            assertThat(second).content().doesNotContain("one", "MessageLogTest");
        }
    }

    @Test
    void staysWhereItIsWhenTheMoveIsDropped() throws Exception {
        try (MessageLog log = MessageLog.open(first.toString())) {
            log.prepareMove(second.toString()).drop();
            log.prepareMove("stderr").drop();

            System.err.println("one");

            await().until(() -> contains(first, "one"));
            assertThat(second).isEmptyFile();
        }
    }

    @Test
    void saysWhatCannotBeOpened() throws Exception {
        try (MessageLog log = MessageLog.open("stderr")) {
            Files.createFile(first);

            assertThatThrownBy(() -> log.prepareMove(first.resolve("log").toString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot open the log " + first.resolve("log"));
            assertThat(System.err).isSameAs(original);
        }
    }

    private static boolean contains(Path file, String text) throws IOException {
        return Files.exists(file) && Files.readString(file).contains(text);
    }
}
