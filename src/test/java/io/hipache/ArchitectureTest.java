package io.hipache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds who may import whom. The two tables are the rule; the JDK's jdeps reads the classes. */
class ArchitectureTest {

    private static final Path CLASSES = Path.of("target", "classes");

    /** What each of our packages may use of ours. */
    private static final Map<String, Set<String>> OURS = Map.ofEntries(
            Map.entry("", Set.of("cli")),
            Map.entry("cli", Set.of("config", "supervisor", "worker", "dev")),
            Map.entry("dev", Set.of()),
            Map.entry("supervisor", Set.of("config", "link", "accesslog")),
            Map.entry("outcome", Set.of()),
            Map.entry("admission", Set.of()),
            Map.entry(
                    "worker",
                    Set.of(
                            "config",
                            "link",
                            "accesslog",
                            "outcome",
                            "admission",
                            "proxy",
                            "proxy.exchange",
                            "upstream",
                            "routing",
                            "driver",
                            "certificates",
                            "net",
                            "tls",
                            "worker.memory",
                            "worker.pipeline",
                            "worker.tls",
                            "worker.warmup")),
            Map.entry("worker.memory", Set.of()),
            Map.entry("worker.pipeline", Set.of("proxy", "net")),
            Map.entry("worker.tls", Set.of("config", "certificates", "net", "tls")),
            Map.entry(
                    "worker.warmup",
                    Set.of(
                            "worker.pipeline",
                            "proxy",
                            "proxy.exchange",
                            "upstream",
                            "routing",
                            "admission",
                            "outcome",
                            "http",
                            "net")),
            Map.entry("proxy", Set.of("proxy.http1", "proxy.http2", "proxy.exchange", "net")),
            Map.entry("proxy.http1", Set.of("proxy.exchange", "proxy.tunnel", "outcome", "upstream", "http", "net")),
            Map.entry("proxy.http2", Set.of("proxy.exchange", "admission", "outcome", "http", "http2", "net")),
            Map.entry("proxy.tunnel", Set.of("proxy.exchange", "outcome", "upstream", "http", "net")),
            Map.entry("proxy.exchange", Set.of("outcome", "admission", "routing", "upstream", "http", "net")),
            Map.entry("upstream", Set.of("outcome", "admission", "routing", "net", "http")),
            Map.entry("driver", Set.of("routing", "certificates")),
            Map.entry("certificates", Set.of()),
            Map.entry("routing", Set.of("outcome")),
            Map.entry("config", Set.of("tls", "certificates")),
            Map.entry("link", Set.of()),
            Map.entry("accesslog", Set.of("outcome")),
            Map.entry("net", Set.of()),
            Map.entry("http", Set.of()),
            Map.entry("http2", Set.of("net", "http")),
            Map.entry("tls", Set.of()));

    /** Which of our packages, with their inner ones, may use a library, by the beginning of its packages' names. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "picocli", Set.of("cli"),
            "com.fasterxml.jackson", Set.of("config", "link"),
            "io.lettuce", Set.of("driver"),
            "redis.embedded", Set.of("dev"),
            "io.netty",
                    Set.of(
                            "worker",
                            "proxy",
                            "upstream",
                            "net",
                            "driver",
                            "certificates",
                            "link",
                            "supervisor",
                            "http",
                            "http2",
                            "tls"),
            "ch.qos.logback", Set.of("cli", "worker", "supervisor"));

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

        assertThat(OURS.keySet()).containsAll(packages);
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
