package io.hipache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds who may import whom. The rule for our packages is the table in ARCHITECTURE.md, the rule for libraries stands here.
 * The JDK's jdeps reads the classes.
 */
class ArchitectureTest {

    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "hipache");

    /** A row of the table of packages in ARCHITECTURE.md: its name, its sentence, the packages that it may import. */
    private static final Pattern ROW =
            Pattern.compile("^\\| (?:`([a-z0-9.]+)`|\\*\\(root\\)\\*) \\| (.+) \\| (.+) \\|$", Pattern.MULTILINE);

    private static final Pattern NAME = Pattern.compile("`([a-z0-9.]+)`");

    /** A folder with more files is not one room any more; package-info counts. */
    private static final int MOST_FILES = 25;

    /** A longer file is not one room any more; comments count. */
    private static final int MOST_LINES = 400;

    /** What each of our packages may use of ours. */
    private static final Map<String, Set<String>> OURS = table();

    /** Which of our packages, with their inner ones, may use a library, by the beginning of its packages' names. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "picocli", Set.of("cli"),
            "com.fasterxml.jackson", Set.of("config", "link", "cli", "supervisor.admin", "dev"),
            // Jackson hides which line of a file is wrong
            "org.yaml.snakeyaml", Set.of("cli.store"),
            "io.prometheus", Set.of("supervisor.admin"),
            "io.lettuce", Set.of("checker", "driver", "store", "frontends"),
            // the type of a bus that Lettuce wants
            "reactor", Set.of("driver.redis"),
            "redis.embedded", Set.of("dev"),
            "io.netty",
                    Set.of(
                            "worker",
                            "proxy",
                            "upstream",
                            // the place of a connection stays with its channel
                            "admission",
                            "net",
                            "driver",
                            "store",
                            "probe",
                            "certificates",
                            "link",
                            "supervisor",
                            "http",
                            "http2",
                            "tls",
                            // the JDK has no unix sockets for datagrams
                            "syslog"),
            "ch.qos.logback", Set.of("cli", "worker", "supervisor", "messages"));

    /** Libraries that any package may use, besides the JDK's own. */
    private static final Set<String> ANYWHERE = Set.of("org.slf4j", "org.jspecify");

    /** A package, one that it uses, and the module or jar of that. */
    private static final Pattern DEPENDENCY =
            Pattern.compile("^\\s+(\\S+)\\s+->\\s+(\\S+)\\s+(\\S+)", Pattern.MULTILINE);

    @Test
    void everyPackageIsInTheTable() throws Exception {
        Set<String> packages;
        try (var paths = Files.walk(CLASSES.resolve("io/hipache"))) {
            packages = paths.filter(Files::isDirectory)
                    .map(path -> ours(CLASSES.relativize(path).toString().replace('/', '.')))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        assertThat(OURS.keySet()).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void noPackageHasMoreFilesThanOneCanLookThrough() throws Exception {
        Map<String, Integer> large = new TreeMap<>();
        try (var paths = Files.walk(SOURCES)) {
            paths.filter(Files::isDirectory).forEach(folder -> {
                int files = folder.toFile().listFiles(File::isFile).length;
                if (files > MOST_FILES) {
                    large.put(SOURCES.relativize(folder).toString(), files);
                }
            });
        }

        assertThat(large).isEmpty();
    }

    @Test
    void noFileIsLongerThanOneCanRead() throws IOException {
        Map<String, Integer> large = new TreeMap<>();

        try (var files = Files.walk(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                int lines = Files.readAllLines(file).size();
                if (lines > MOST_LINES) {
                    large.put(SOURCES.relativize(file).toString(), lines);
                }
            }
        }

        assertThat(large).isEmpty();
    }

    @Test
    void noPackageIsReachedFromItself() {
        Set<String> circles = new TreeSet<>();
        OURS.keySet().stream().filter(start -> reached(start).contains(start)).forEach(circles::add);

        assertThat(circles).isEmpty();
    }

    @Test
    void noInnerPackageUsesItsOuterOne() {
        Set<String> upward = new TreeSet<>();
        OURS.forEach((from, targets) -> targets.stream()
                .filter(to -> !from.equals(to) && startsWithPackage(from, to))
                .forEach(to -> upward.add(from + " -> " + to)));

        assertThat(upward).isEmpty();
    }

    private static Set<String> reached(String start) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(OURS.getOrDefault(start, Set.of()));
        while (!next.isEmpty()) {
            String one = next.remove();
            if (reached.add(one)) {
                next.addAll(OURS.getOrDefault(one, Set.of()));
            }
        }
        return reached;
    }

    @Test
    void packagesUseOnlyWhatTheTablesAllow() {
        Map<String, Set<String>> uses = uses();

        Set<String> forbidden = new TreeSet<>();
        uses.forEach((from, targets) -> targets.stream()
                .filter(to -> !allowed(from, to))
                .forEach(to -> forbidden.add((from.isEmpty() ? "(root)" : from) + " -> " + to)));

        assertThat(uses).containsKey("driver");
        assertThat(forbidden).isEmpty();
    }

    private static Map<String, Set<String>> table() {
        String page;
        try {
            page = Files.readString(Path.of("ARCHITECTURE.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String section = page.substring(page.indexOf("## Packages"), page.indexOf("## A request's way"));
        Map<String, Set<String>> table = new TreeMap<>();
        Matcher row = ROW.matcher(section);
        while (row.find()) {
            Set<String> imports = new TreeSet<>();
            NAME.matcher(row.group(3)).results().forEach(name -> imports.add(name.group(1)));
            table.put(row.group(1) == null ? "" : row.group(1), imports);
        }
        return table;
    }

    private static boolean allowed(String from, String to) {
        if (isOurs(to)) {
            return from.equals(ours(to)) || OURS.getOrDefault(from, Set.of()).contains(ours(to));
        }
        if (ANYWHERE.stream().anyMatch(library -> startsWithPackage(to, library))) {
            return true;
        }
        return LIBRARIES.entrySet().stream()
                .anyMatch(library -> startsWithPackage(to, library.getKey())
                        && library.getValue().stream().anyMatch(user -> startsWithPackage(from, user)));
    }

    /** Each of our packages with the full names of those it uses, the JDK's apart. */
    private static Map<String, Set<String>> uses() {
        StringWriter out = new StringWriter();
        String[] arguments = {
            "--multi-release",
            "base",
            "-verbose:package",
            "--class-path",
            System.getProperty("java.class.path"),
            "-filter:none",
            CLASSES.toString()
        };
        int exit = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(new PrintWriter(out, true), new PrintWriter(out, true), arguments);
        assertThat(exit).as(() -> Arrays.toString(arguments) + "\n" + out).isZero();
        Map<String, Set<String>> uses = new TreeMap<>();
        Matcher matcher = DEPENDENCY.matcher(out.toString());
        while (matcher.find()) {
            if (isOurs(matcher.group(1)) && !isJdk(matcher.group(3))) {
                uses.computeIfAbsent(ours(matcher.group(1)), from -> new TreeSet<>())
                        .add(matcher.group(2));
            }
        }
        return uses;
    }

    private static boolean isJdk(String module) {
        return module.startsWith("java.") || module.startsWith("jdk.");
    }

    private static boolean isOurs(String name) {
        return startsWithPackage(name, "io.hipache");
    }

    private static String ours(String name) {
        return name.equals("io.hipache") ? "" : name.substring("io.hipache.".length());
    }

    private static boolean startsWithPackage(String name, String prefix) {
        return name.equals(prefix) || name.startsWith(prefix + ".");
    }
}
