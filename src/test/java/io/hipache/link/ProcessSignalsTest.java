package io.hipache.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process can do about signals that its parent has set to be ignored. */
class ProcessSignalsTest {
    private static final List<String> NAMES = List.of("TERM", "HUP", "USR1", "USR2");

    @Test
    void knowsWhichSignalsItCannotHandle() throws Exception {
        assertThat(ignoredOnceHandledIn("trap '' HUP")).isEqualTo("[HUP]");
        assertThat(ignoredOnceHandledIn("trap '' TERM HUP")).isEqualTo("[TERM, HUP]");
    }

    @Test
    void handlesAllWhereNoneWasIgnored() throws Exception {
        assertThat(ignoredOnceHandledIn("trap - HUP")).isEqualTo("[]");
    }

    private static String ignoredOnceHandledIn(String before) throws Exception {
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        before + "; exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Handler.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    /** A program that handles every signal it can, and prints those that it cannot. */
    static final class Handler {
        private Handler() {}

        public static void main(String[] none) {
            NAMES.forEach(name -> ProcessSignals.handle(name, () -> {}));
            System.out.println(ProcessSignals.ignored(NAMES));
        }
    }
}
