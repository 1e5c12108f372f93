package io.hipache.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects the problems and warnings of a configuration, so that all of them are reported at once. */
public final class Findings {
    private static final int LONGEST_VALUE = 60;

    // sets, because several addresses may share one problem
    private final Set<String> problems = new LinkedHashSet<>();
    private final Set<String> warnings = new LinkedHashSet<>();

    public void problem(String path, String message) {
        problems.add(path + ": " + message);
    }

    /** Shows the value, so this is not for a key that may hold a secret. */
    public void expected(String path, String expectation, JsonNode got) {
        problem(path, "expected " + expectation + ", got " + shown(got));
    }

    public void warning(String path, String message) {
        warnings.add(path + ": " + message);
    }

    public List<String> problems() {
        return List.copyOf(problems);
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }
}
