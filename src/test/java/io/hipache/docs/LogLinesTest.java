package io.hipache.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who searches the documentation for a line of the log, or for a reason, finds it. */
class LogLinesTest {
    private static final String LITERAL = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    /** A call whose first argument, behind a marker, is a text or several that are joined. */
    private static final Pattern CALL =
            Pattern.compile("\\b(?:log|LOG)\\s*\\.(?:warn|error)\\(\\s*(?:RepeatFilter\\.\\w+,\\s*)?(" + LITERAL
                    + "(?:\\s*\\+\\s*" + LITERAL + ")*)");
    /** A call whose text is made elsewhere, and is documented by the second list below. */
    private static final Pattern OTHER_CALL =
            Pattern.compile("\\b(?:log|LOG)\\s*\\.(?:warn|error)\\((?!\\s*(?:RepeatFilter\\.\\w+,\\s*)?\")[^;]*;");

    private static final Pattern JOINED = Pattern.compile("(" + LITERAL + "(?:\\s*\\+\\s*" + LITERAL + ")*)");
    /** Shorter texts are parts of a sentence, such as {@code a request}. */
    private static final int LEAST_WORDS = 20;

    private static final Pattern TEXT = Pattern.compile(LITERAL);
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
    /** Nothing in them is fixed, so nobody can search for them. */
    private static final Set<String> WITHOUT_WORDS = Set.of("…", "…, …");

    /** Lines that are not a text of the call: upgrades that are refused or fail, and what concerns one host in Redis. */
    private static final Set<String> MADE_BEFORE_THE_CALL = Set.of(
            "upgrade refused: …",
            "the upgrade has failed, nothing changes: …",
            "reload refused: …",
            "the configuration stays as it was",
            "reload incomplete: …",
            "the new configuration is in force, …",
            "error page … cannot be used: …",
            "a worker may open … files only, which is about … requests at a time: raise the limit"
                    + " (LimitNOFILE= of the service, ulimit -n)");

    private static final int CALLS_WITH_A_TEXT_MADE_BEFORE = 3;

    /** The lines of a reload, twice, with its warnings; of error pages; and of the limit of open files. */
    private static final int REFERENCES_WITH_A_TEXT_MADE_BEFORE = 5;

    private static final Pattern REFERENCE = Pattern.compile("\\b(?:log|LOG)::(?:warn|error)\\b");

    @Test
    void everyWarningAndErrorIsInTheListOfTroubleshooting() {
        Set<String> documented = documented();

        Set<String> logged = sources()
                .flatMap(source -> CALL.matcher(source).results())
                .map(LogLinesTest::line)
                .filter(line -> !WITHOUT_WORDS.contains(line))
                .collect(Collectors.toCollection(TreeSet::new));
        logged.addAll(MADE_BEFORE_THE_CALL);

        assertThat(logged).hasSizeGreaterThan(50);
        assertThat(documented).containsExactlyInAnyOrderElementsOf(logged);
    }

    @Test
    void theWordsThatLinesAreMadeOfAreThere() throws Exception {
        String page = Files.readString(Path.of("docs", "troubleshooting.md"));
        String marks = between("proxy/exchange/FailureReport.java", "switch (marking)", "/** An attempt failed");
        String excuses = between("proxy/exchange/RetryPolicy.java", "enum Blame", "private final");
        String limits = between("admission/Limit.java", "enum Limit", "private final");
        String logins = between("driver/redis/Login.java", "String succeeded()", "private static");

        List<String> words = Stream.of(marks, excuses, limits, logins)
                .flatMap(source -> JOINED.matcher(source).results())
                .map(LogLinesTest::words)
                .filter(text -> text.length() >= LEAST_WORDS)
                .toList();

        assertThat(words).hasSizeGreaterThan(15).allMatch(page::contains);
    }

    private static String between(String file, String from, String to) throws IOException {
        String source =
                Files.readString(Path.of("src", "main", "java", "io", "hipache").resolve(file));
        int start = source.indexOf(from);
        return source.substring(start, source.indexOf(to, start));
    }

    @Test
    void noOtherLineIsMadeBeforeItIsLogged() {
        List<String> calls = sources()
                .flatMap(source -> OTHER_CALL.matcher(source).results())
                .map(MatchResult::group)
                .toList();

        assertThat(calls).as("calls whose lines have to be documented by hand").hasSize(CALLS_WITH_A_TEXT_MADE_BEFORE);
        assertThat(sources().flatMap(source -> REFERENCE.matcher(source).results()))
                .as("references whose lines have to be documented by hand")
                .hasSize(REFERENCES_WITH_A_TEXT_MADE_BEFORE);
    }

    @Test
    void everyReasonHasASectionOfItsOwn() {
        Set<String> sections = Markdown.read(Path.of("docs", "reasons.md")).anchors();

        assertThat(sections)
                .containsAll(Stream.of(EndReason.values()).map(EndReason::word).toList());
    }

    /** The line as the page writes it. */
    private static String line(MatchResult call) {
        return words(call).replace("{}", "…").replaceAll("…+", "…");
    }

    /** The texts of the first group, joined, without the mark that separates them from what stands before. */
    private static String words(MatchResult found) {
        return TEXT.matcher(found.group(1))
                .results()
                .map(text -> text.group(1))
                .collect(Collectors.joining())
                .replace("\\\"", "\"")
                .replaceFirst("^; ", "");
    }

    private static Set<String> documented() {
        try {
            String page = Files.readString(Path.of("docs", "troubleshooting.md"));
            int begin = page.indexOf("## By log line");
            return ROW.matcher(page.substring(begin, page.indexOf("### Inside a line", begin)))
                    .results()
                    .map(row -> row.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> sources() {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).map(LogLinesTest::text).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
