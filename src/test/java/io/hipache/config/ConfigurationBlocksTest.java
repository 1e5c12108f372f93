package io.hipache.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.json.JsonText;
import io.hipache.docs.Markdown;
import io.hipache.docs.Markdown.Fence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each configuration in the documentation is one that the program accepts: blocks of {@code json}, and parts of one in a
 * line, such as {@code "cache": "tracking"}. A block of {@code json fragment} is what stands between the braces of
 * {@code server}.
 */
class ConfigurationBlocksTest {
    private static final Pattern KEY = Pattern.compile("\\bserver\\.([a-z][A-Za-z0-9]*(?:\\.[a-z][A-Za-z0-9]*)?)");
    private static final Pattern IN_A_LINE = Pattern.compile("\"([A-Za-z0-9]+)\": .+");
    /** What the blocks take from the environment. */
    private static final Map<String, String> ENVIRONMENT = Map.of("REDIS_PASSWORD", "secret", "WORKERS", "2");

    private static final Set<String> AT_THE_TOP = Set.of("server", "http", "https", "driver", "user", "group");

    /** What the table of differences says about Hipache 0.3. */
    private static final Set<String> ACCEPTED_BY_THE_ORIGINAL = Set.of("\"lruCache\": true");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @ParameterizedTest
    @MethodSource("blocks")
    void theBlockIsAccepted(Fence block) throws Exception {
        String text = block.language().equals("json") ? block.content() : "{\"server\": {" + block.content() + "}}";

        LoadedConfig loaded = Loading.load(FilesOfExamples.in(root, text), ENVIRONMENT);

        assertThat(loaded.warnings()).noneMatch(warning -> warning.contains("unknown key"));
    }

    @Test
    void everyPartOfAConfigurationInALineIsAccepted() throws Exception {
        List<String> refused = new ArrayList<>();
        int parts = 0;

        for (Markdown page : Markdown.all()) {
            for (String code : page.inlineCode()) {
                Matcher part = IN_A_LINE.matcher(code);
                if (part.matches() && !code.contains("…") && !ACCEPTED_BY_THE_ORIGINAL.contains(code)) {
                    parts++;
                    refused.addAll(problems(part.group(1), code).stream()
                            .map(problem -> page + ": " + code + ": " + problem)
                            .toList());
                }
            }
        }

        assertThat(parts).isGreaterThan(10);
        assertThat(refused).isEmpty();
    }

    @Test
    void everyKeyOfServerThatAPageNamesIsOne() throws Exception {
        Set<String> keys = EveryKeyTest.keysRead();

        Map<String, Set<String>> unknown = Markdown.all().stream()
                .collect(Collectors.toMap(Markdown::toString, page -> keysNamedIn(page)
                        .filter(key -> !keys.contains(key) && !key.startsWith("server.https."))
                        .collect(Collectors.toSet())));

        assertThat(unknown).allSatisfy((page, names) -> assertThat(names).isEmpty());
    }

    private static Stream<String> keysNamedIn(Markdown page) {
        return page.inlineCode().stream()
                .flatMap(code -> KEY.matcher(code).results().map(MatchResult::group))
                .filter(key -> !key.equals("server.max"));
    }

    private static List<Fence> blocks() {
        return Markdown.all().stream()
                .flatMap(page -> page.fences("json").stream())
                .toList();
    }

    /** The rest of the configuration is what this part needs to be accepted. */
    private List<String> problems(String key, String code) throws Exception {
        ObjectNode top = JsonText.read("{\"server\": {}}");
        ObjectNode part = JsonText.read(FilesOfExamples.in(root, "{" + code + "}"));
        (AT_THE_TOP.contains(key) ? top : (ObjectNode) top.get("server")).setAll(part);
        try {
            LoadedConfig loaded = Loading.load(top.toString(), ENVIRONMENT);
            return loaded.warnings().stream()
                    .filter(warning -> warning.contains("unknown key"))
                    .toList();
        } catch (ConfigException e) {
            return e.problems();
        }
    }
}
