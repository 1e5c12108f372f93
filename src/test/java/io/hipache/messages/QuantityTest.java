package io.hipache.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QuantityTest {
    /** A number of these may be 1. */
    private static final String NOUNS =
            "(requests|clients|workers|frontends|lines|refusals|attempts|backends|WebSockets|problems"
                    + "|marks|names|failures|machines|[a-z]+ connections)";

    /** A placeholder with a plural behind it, and an expression with one. */
    private static final Pattern PLURAL = Pattern.compile(
            "\"[^\"]*\\{\\} (?:more )?" + NOUNS + "\\b[^\"]*\"" + "|[\\w)] \\+ \" (?:more )?" + NOUNS + "\\b[^\"]*\"");

    @Test
    void onlyOneIsNotMany() {
        assertThat(Quantity.of(0, "line was", "lines were")).isEqualTo("0 lines were");
        assertThat(Quantity.of(1, "line was", "lines were")).isEqualTo("1 line was");
        assertThat(Quantity.of(2, "line was", "lines were")).isEqualTo("2 lines were");
    }

    /** Every one of these is at least 2, or is a bound from the configuration. */
    @Test
    void noOtherMessageHasAPluralBehindANumber() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            List<String> found = files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> PLURAL.matcher(text(file)).results())
                    .map(MatchResult::group)
                    .toList();

            assertThat(found)
                    .allMatch(text -> text.contains("active checks: {} backends are being checked, which is the most")
                            || text.contains("backends, and take ")
                            || text.contains("the warm-up is over"));
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
