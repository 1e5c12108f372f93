package io.hipache.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, cut into what tests look at.
 *
 * @param file the path from the root of the project
 * @param text the lines outside fences
 * @param anchors the anchors that GitHub gives to the headings
 * @param fences the blocks between lines of three backticks
 */
public record Markdown(Path file, List<String> text, Set<String> anchors, List<Fence> fences) {
    private static final String MARK = "```";
    private static final Pattern HEADING = Pattern.compile("#{1,6} (.*)");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern LINK_IN_HEADING = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /**
     * One block.
     *
     * @param line the number of its first line of text
     * @param language what stands behind the three backticks, such as {@code sh} or {@code json fragment}
     */
    public record Fence(Path file, int line, String language, List<String> lines) {
        /** The first word of the language. */
        public String kind() {
            return language.split(" ", -1)[0];
        }

        public String content() {
            return String.join("\n", lines) + "\n";
        }

        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Every page: those at the root of the project, and those in {@code docs} and its folders. */
    public static List<Markdown> all() {
        try (Stream<Path> root = Files.list(Path.of("").toAbsolutePath());
                Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(root.map(Path::getFileName), docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(Markdown::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Markdown read(Path file) {
        List<String> text = new ArrayList<>();
        List<Fence> fences = new ArrayList<>();
        Set<String> anchors = new LinkedHashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith(MARK)) {
                int first = i + 1;
                int end = first + lines.subList(first, lines.size()).indexOf(MARK);
                if (end < first) {
                    throw new IllegalStateException(file + ":" + first + ": the block has no end");
                }
                String language = line.substring(MARK.length()).strip();
                fences.add(new Fence(file, first + 1, language, List.copyOf(lines.subList(first, end))));
                i = end;
                continue;
            }
            text.add(line);
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = anchor(heading.group(1));
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return new Markdown(file, text, anchors, fences);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As GitHub makes it: small letters, digits, hyphens and underscores are left. */
    private static String anchor(String heading) {
        return LINK_IN_HEADING
                .matcher(heading)
                .replaceAll("$1")
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    /** The targets of all links and pictures. */
    public List<String> links() {
        return found(LINK);
    }

    /** What stands between two backticks in a line. */
    public List<String> inlineCode() {
        return found(CODE);
    }

    private List<String> found(Pattern pattern) {
        return text.stream()
                .flatMap(line -> pattern.matcher(line).results().map(found -> found.group(1)))
                .toList();
    }

    /** The blocks whose language begins with this word. */
    public List<Fence> fences(String word) {
        return fences.stream().filter(fence -> fence.kind().equals(word)).toList();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
