package io.hipache.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Collects the problems and warnings of a configuration, so that all of them are reported at once. */
public final class Findings {
    private static final int LONGEST_VALUE = 60;
    /** How a list or an object begins. A variable that begins so, and still is a text, was meant to be JSON. */
    private static final Pattern JSON = Pattern.compile("\\s*[\\[{]");

    // sets, because several addresses may share one problem
    private final Set<String> problems = new LinkedHashSet<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Origins origins = new Origins();

    /** Where values come from; the messages name it. */
    public Origins origins() {
        return origins;
    }

    public void problem(String path, String message) {
        problems.add(origins.labelled(path) + ": " + message);
    }

    /** Shows the value, so this is not for a key that may hold a secret. */
    public void expected(String path, String expectation, JsonNode got) {
        boolean broken = got.isTextual()
                && origins.source(path).isPresent()
                && JSON.matcher(got.textValue()).lookingAt();
        problem(path, "expected " + expectation + ", got " + shown(got) + (broken ? ", which is not JSON" : ""));
    }

    public void warning(String path, String message) {
        warnings.add(origins.labelled(path) + ": " + message);
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
