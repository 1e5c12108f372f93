package io.hipache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.messages.LogSetup;
import io.hipache.messages.RepeatFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static final String STAMP =
            "\\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \\d\\d:\\d\\d:\\d\\d - ";
    private static final int LINES = 2000;

    /** Logs and ends at once; a process of its own, for its end is what is tested. */
    static final class Chatter {
        public static void main(String[] args) {
            if (Boolean.getBoolean("worker")) {
                LogSetup.ofWorker();
            } else {
                LogSetup.ofSupervisor();
            }
            Logger log = LoggerFactory.getLogger("io.hipache.chatter");
            log.debug("too much");
            for (int i = 1; i <= LINES; i++) {
                log.info(RepeatFilter.ALWAYS, "line {}", i);
            }
            if (args.length > 0) {
                for (int i = 0; i < LINES; i++) {
                    log.warn("{} answers nonsense", args[0], new IllegalStateException("because of " + args[0]));
                }
                log.info("end");
            }
            System.exit(0);
        }
    }

    @Test
    void keepsWhatAStrangerSaysInItsLineAndWithinBounds() throws Exception {
        String forged = "a\u0085b\n22 Nov 08:33:11 - listening\u202e";

        List<String> lines = chatter(List.of(forged), "-Dworker=true");

        List<String> rest = lines.subList(LINES, lines.size());
        assertThat(rest.get(0))
                .matches(
                        STAMP
                                + "\\(worker #\\d+\\) \\[warn] a\\\\x85b\\\\x0A22 Nov 08:33:11 - listening\\\\u202E answers nonsense");
        assertThat(rest).noneMatch(line -> line.startsWith("22 Nov")).noneMatch(line -> line.contains("\u0085"));
        assertThat(rest.stream().filter(line -> line.contains("answers nonsense")))
                .hasSizeLessThan(20);
        assertThat(rest.get(rest.size() - 1)).matches(STAMP + "\\(worker #\\d+\\) end");
    }

    @Test
    void writesAsTheOriginalDidAndNothingBelowInfo() throws Exception {
        List<String> lines = chatter("-Dworker=false");

        assertThat(lines).hasSize(LINES);
        assertThat(lines.get(0)).matches(STAMP + "line 1");
    }

    @Test
    void namesTheWorkerAndLosesNothingWhenItEnds() throws Exception {
        List<String> lines = chatter("-Dworker=true");

        assertThat(lines).hasSize(LINES);
        assertThat(lines.get(LINES - 1)).matches(STAMP + "\\(worker #\\d+\\) line " + LINES);
    }

    @Test
    void saysMoreWhenAsked() throws Exception {
        assertThat(chatter("-Dworker=false", "-Dhipache.logLevel=DEBUG"))
                .hasSize(LINES + 1)
                .first()
                .asString()
                .endsWith(" - [debug] too much");
    }

    private static List<String> chatter(String... options) throws Exception {
        return chatter(List.of(), options);
    }

    private static List<String> chatter(List<String> words, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-Duser.language=en", "-Dsun.jnu.encoding=UTF-8", "-Dfile.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), Chatter.class.getName()));
        command.addAll(words);
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return text.lines().toList();
    }
}
