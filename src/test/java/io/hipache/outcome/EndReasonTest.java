package io.hipache.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EndReasonTest {
    private static final Pattern SECTION = Pattern.compile("^### (.*)$", Pattern.MULTILINE);

    @Test
    void everyWordHasItsSectionInTheDocumentation() throws Exception {
        String page = Files.readString(Path.of("docs", "reasons.md"));

        List<String> documented = SECTION.matcher(page)
                .results()
                .map((MatchResult section) -> section.group(1))
                .toList();

        assertThat(documented)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(EndReason.values()).map(EndReason::word).toList());
    }

    @Test
    void wordsSuitEveryLogAndLabel() {
        assertThat(EndReason.values())
                .allSatisfy(reason -> assertThat(reason.word()).matches("[a-z][a-z_]*[a-z]"));
    }
}
