package io.hipache.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a page or the program points to is there. */
class LinksTest {
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    /** A page as comments, help texts and log lines name it. */
    private static final Pattern NAMED = Pattern.compile("\\bdocs/([a-z-]+\\.(?:md|json|svg))(#[a-z0-9_-]+)?");

    private static final int MOST_LINES_OF_README = 120;

    private static final Map<Path, Markdown> PAGES = pages();

    @Test
    void everyLinkOfAPageLeadsSomewhere() {
        List<String> broken = new ArrayList<>();

        PAGES.values().forEach(page -> page.links().stream()
                .filter(link -> !ELSEWHERE.matcher(link).matches())
                .filter(link -> !leadsSomewhere(page, link))
                .forEach(link -> broken.add(page + ": " + link)));

        assertThat(broken).isEmpty();
    }

    @Test
    void everyPageThatTheProgramNamesIsThere() throws Exception {
        List<String> broken = new ArrayList<>();
        int named = 0;

        for (Path file : sources()) {
            for (MatchResult found :
                    NAMED.matcher(Files.readString(file)).results().toList()) {
                named++;
                if (!isThere(Path.of("docs", found.group(1)), found.group(2))) {
                    broken.add(file + ": " + found.group());
                }
            }
        }

        assertThat(named).isPositive();
        assertThat(broken).isEmpty();
    }

    @Test
    void everyPageCanBeReachedFromTheReadme() {
        Set<Path> reached = new TreeSet<>();
        List<Path> next = new ArrayList<>(List.of(Path.of("README.md")));

        while (!next.isEmpty()) {
            Markdown page = PAGES.get(next.remove(0));
            if (page != null && reached.add(page.file())) {
                page.links().forEach(link -> next.add(target(page, link)));
            }
        }

        assertThat(reached).containsAll(PAGES.keySet());
    }

    @Test
    void theReadmeIsOnePage() throws Exception {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(MOST_LINES_OF_README);
    }

    private static Map<Path, Markdown> pages() {
        Map<Path, Markdown> pages = new TreeMap<>();
        Markdown.all().forEach(page -> pages.put(page.file(), page));
        return pages;
    }

    private static boolean leadsSomewhere(Markdown page, String link) {
        int hash = link.indexOf('#');
        return isThere(target(page, link), hash < 0 ? null : link.substring(hash));
    }

    private static Path target(Markdown page, String link) {
        String path = link.replaceAll("#.*", "");
        return path.isEmpty() ? page.file() : page.file().resolveSibling(path).normalize();
    }

    private static boolean isThere(Path file, @Nullable String anchor) {
        if (anchor == null) {
            return Files.exists(file);
        }
        Markdown page = PAGES.get(file);
        return page != null && page.anchors().contains(anchor.substring(1));
    }

    /** Everything that may name a page, beside the pages. */
    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String folder : List.of("src/main", "src/release", "scripts", "docs")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(Files::isRegularFile).forEach(sources::add);
            }
        }
        try (Stream<Path> files = Files.list(Path.of("").toAbsolutePath())) {
            files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().endsWith(".jar"))
                    .forEach(sources::add);
        }
        return sources;
    }
}
