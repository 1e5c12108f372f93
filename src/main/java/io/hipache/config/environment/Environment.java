package io.hipache.config.environment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.json.Findings;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The environment variables of a configuration. A variable counts more than the file. An empty one counts as not set. */
public final class Environment {
    /** Of the launcher, which gives it to the JVM of the supervisor. */
    private static final Set<String> OTHER_VARIABLES = Set.of("HIPACHE_JAVA_OPTS");

    /** Two keys that mean the same, with the one first that does not count beside the other one in a file. */
    private static final Map<String, String> STRONGER =
            Map.of("server.port", "http.port", "server.address", "http.bind");

    private final Map<String, String> variables;
    private final Files files;

    /** Reads the files that variables name. */
    @FunctionalInterface
    public interface Files {
        /**
         * Reads a file whole.
         *
         * @throws IOException with the reason in words
         */
        String read(Path file) throws IOException;
    }

    /** One variable that is set. */
    private record Setting(String name, String path, String text) {}

    public Environment(Map<String, String> variables, Files files) {
        this.variables = Map.copyOf(variables);
        this.files = files;
    }

    /**
     * Puts the variables into what was read from a file, and notes where each value comes from.
     *
     * @param keys asked only where a variable may belong to a key
     */
    public void apply(ObjectNode root, Supplier<KeyVariables> keys, Findings findings) {
        new References(variables, findings).resolve(root);
        List<String> names = variables.keySet().stream()
                .filter(name -> name.startsWith(KeyVariables.PREFIX) && !OTHER_VARIABLES.contains(name))
                // whole sections before the keys in them
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .toList();
        if (names.isEmpty()) {
            return;
        }
        KeyVariables known = keys.get();
        Map<String, String> taken = new HashMap<>();
        for (String name : names) {
            setting(name, known, findings).ifPresent(setting -> {
                String path = placeOf(setting.path(), root);
                String other = taken.putIfAbsent(path, name);
                if (other == null) {
                    put(root, path, setting, findings);
                } else {
                    findings.problem(setting.path(), "give either " + other + " or " + name);
                }
            });
        }
        STRONGER.forEach((weaker, stronger) -> {
            if (taken.containsKey(weaker)
                    && !taken.containsKey(stronger)
                    && root.get("http") instanceof ObjectNode http) {
                http.remove(stronger.substring("http.".length()));
            }
        });
    }

    private Optional<Setting> setting(String name, KeyVariables known, Findings findings) {
        String text = variables.getOrDefault(name, "");
        Optional<String> path = known.path(name);
        Optional<String> pathOfFile = known.pathOfFile(name);
        if (path.isEmpty() && pathOfFile.isEmpty()) {
            String hint = known.nearest(name)
                    .map(nearest -> ", did you mean " + nearest + "?")
                    .orElse("");
            findings.warning(name, "unknown environment variable, ignored" + hint);
            return Optional.empty();
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (path.isPresent()) {
            return Optional.of(new Setting(name, path.get(), text));
        }
        try {
            String content = files.read(Path.of(text));
            return Optional.of(new Setting(name, pathOfFile.get(), content.replaceFirst("\\R+\\z", "")));
        } catch (IOException | InvalidPathException e) {
            findings.problem(pathOfFile.get() + " (" + name + ")", "cannot read " + text + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** The section {@code https} may stand in the section {@code server}: then its keys are changed there. */
    private static String placeOf(String path, ObjectNode root) {
        String inner = path.startsWith("server.") ? path.substring("server.".length()) : path;
        if (!inner.equals("https") && !inner.startsWith("https.")) {
            return path;
        }
        return !root.has("https") && root.at("/server").has("https") ? "server." + inner : inner;
    }

    private static void put(ObjectNode root, String path, Setting setting, Findings findings) {
        ObjectNode at = root;
        String[] keys = path.split("\\.", -1);
        StringBuilder outer = new StringBuilder();
        for (int i = 0; i < keys.length - 1; i++) {
            outer.append(i == 0 ? "" : ".").append(keys[i]);
            JsonNode inner = at.get(keys[i]);
            if (inner instanceof ObjectNode object) {
                at = object;
            } else if (inner == null || inner.isNull() || inner.isBoolean()) {
                at = at.putObject(keys[i]);
            } else {
                findings.problem(
                        path + " (" + setting.name() + ")",
                        outer + " has a value without keys, so set " + KeyVariables.nameOf(outer.toString())
                                + " as a whole");
                return;
            }
        }
        findings.origins().add(path, setting.name(), setting.text());
        at.set(keys[keys.length - 1], GivenText.value(setting.text()));
    }
}
