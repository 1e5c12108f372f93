package io.hipache.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One object of the file, with its path. A key that is absent, {@code null} or wrong yields the default, so that
 * reading goes on to the next problem. Every key that a reader asks for counts as known.
 */
public final class Section {
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,9}(\\.\\d{1,9})?");

    private final String path;
    private final ObjectNode node;
    private final Findings findings;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> secrets = new LinkedHashSet<>();
    private final List<Section> children = new ArrayList<>();

    public Section(String path, ObjectNode node, Findings findings) {
        this.path = path;
        this.node = node;
        this.findings = findings;
    }

    /** A section without a key, whose problems nobody sees. */
    public static Section empty() {
        return new Section("", JsonText.object(), new Findings());
    }

    public String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    public Findings findings() {
        return findings;
    }

    /** Null when the key is absent or {@code null}. */
    public @Nullable JsonNode value(String key) {
        asked.add(key);
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    /** As {@link #value}, for a key that holds a secret. No message may show its value. */
    public @Nullable JsonNode secret(String key) {
        secrets.add(key);
        return value(key);
    }

    public boolean has(String key) {
        return value(key) != null;
    }

    /** The object under the key, or an empty object when the key is absent. */
    public Section section(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isObject()) {
            findings.expected(pathOf(key), "an object", value);
        }
        return child(pathOf(key), value instanceof ObjectNode object ? object : node.objectNode());
    }

    /** An object inside a list of this section. */
    public Section child(String childPath, ObjectNode object) {
        Section child = new Section(childPath, object, findings);
        children.add(child);
        return child;
    }

    public int wholeNumber(String key, int least, int most, int otherwise) {
        String range = "a whole number of at least " + least;
        return wholeNumber(key, range, least, most, otherwise);
    }

    public int port(String key, int least, int otherwise) {
        return wholeNumber(key, "a port from 1 to 65535", least, 65535, otherwise);
    }

    private int wholeNumber(String key, String expectation, int least, int most, int otherwise) {
        JsonNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        BigDecimal number = number(pathOf(key), value);
        if (number == null
                || number.compareTo(BigDecimal.valueOf(least)) < 0
                || number.stripTrailingZeros().scale() > 0) {
            findings.expected(pathOf(key), expectation, value);
            return otherwise;
        }
        if (number.compareTo(BigDecimal.valueOf(most)) > 0) {
            String limit =
                    expectation.contains(String.valueOf(most)) ? expectation : "a whole number of at most " + most;
            findings.expected(pathOf(key), limit, value);
            return otherwise;
        }
        return number.intValueExact();
    }

    /** A duration in seconds, to the millisecond. It is ten years at most, so that the sum of two never overflows. */
    public Duration seconds(String key, String least, Duration otherwise) {
        JsonNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        BigDecimal number = number(pathOf(key), value);
        if (number == null || number.compareTo(new BigDecimal(least)) < 0) {
            findings.expected(pathOf(key), "a number of seconds of at least " + least, value);
            return otherwise;
        }
        if (number.compareTo(BigDecimal.valueOf(315_360_000)) > 0) {
            findings.expected(pathOf(key), "a number of seconds of at most 315360000", value);
            return otherwise;
        }
        long millis = number.movePointRight(3).longValue();
        // 0 means no limit, which a very short time is not
        return Duration.ofMillis(millis == 0 && number.signum() > 0 ? 1 : millis);
    }

    public boolean flag(String key, boolean otherwise) {
        JsonNode value = value(key);
        if (value == null || value.isBoolean()) {
            return value == null ? otherwise : value.booleanValue();
        }
        findings.expected(pathOf(key), "true or false", value);
        return otherwise;
    }

    /** Reads one of two words: false for the first one, which is the default, and true for the second one. */
    public boolean choice(String key, String first, String second) {
        return second.equals(word(key, List.of(first, second), first));
    }

    /** Reads one of the words. */
    public String word(String key, List<String> words, String otherwise) {
        JsonNode value = value(key);
        if (value == null || (value.isTextual() && words.contains(value.textValue()))) {
            return value == null ? otherwise : value.textValue();
        }
        findings.expected(pathOf(key), '"' + String.join("\" or \"", words) + '"', value);
        return otherwise;
    }

    /** A text that no message shows; null when the key is absent. */
    public @Nullable String secretText(String key) {
        JsonNode value = secret(key);
        if (value == null) {
            return null;
        }
        Optional<String> given = findings.origins().text(pathOf(key));
        if (given.isPresent() || value.isTextual()) {
            return given.orElseGet(value::textValue);
        }
        findings.problem(pathOf(key), "expected a text, got something else");
        return null;
    }

    /** A text that is not empty; null when the key is absent. */
    public @Nullable String text(String key) {
        JsonNode value = value(key);
        Optional<String> given =
                value == null ? Optional.empty() : findings.origins().text(pathOf(key));
        if (given.isPresent() && !given.get().isBlank()) {
            return given.get();
        }
        if (value == null || (value.isTextual() && !value.textValue().isBlank())) {
            return value == null ? null : value.textValue();
        }
        findings.expected(pathOf(key), "a text", value);
        return null;
    }

    /** An absolute path; null when the key is absent. */
    public @Nullable Path path(String key) {
        String text = text(key);
        try {
            return text == null ? null : Path.of(text).toAbsolutePath();
        } catch (InvalidPathException e) {
            findings.problem(pathOf(key), "expected a path, got a text that is not a path");
            return null;
        }
    }

    public void warnAboutUnknownKeys() {
        warnAboutUnknownKeys(knownKeys());
    }

    /** The path of every key that was asked for, in this section and in those inside it. */
    public Set<String> knownKeys() {
        Set<String> known = new LinkedHashSet<>();
        collectKnown(known);
        return known;
    }

    private void collectKnown(Set<String> known) {
        asked.forEach(key -> known.add(pathOf(key)));
        children.forEach(child -> child.collectKnown(known));
    }

    /** A section at the top in which each of these keys is an empty object, or one with keys. */
    public Section withObjects(Set<String> paths) {
        ObjectNode top = node.objectNode();
        for (String at : paths) {
            ObjectNode object = top;
            for (String name : at.split("\\.", -1)) {
                object = object.withObject("/" + name);
            }
        }
        return new Section("", top, new Findings());
    }

    /**
     * Where the values of all keys that were asked for come from: a line with those of the environment and their variables,
     * a line with those of the file, and one that says the rest.
     */
    public List<String> origins() {
        Set<String> file = new TreeSet<>();
        collectKeysOfFile(file);
        List<String> lines = new ArrayList<>();
        List<String> environment = findings.origins().all();
        if (!environment.isEmpty()) {
            lines.add("from the environment: " + String.join(", ", environment));
        }
        lines.add("from the file: " + (file.isEmpty() ? "nothing" : String.join(", ", file)));
        lines.add("by default: everything" + (environment.isEmpty() && file.isEmpty() ? "" : " else"));
        return lines;
    }

    private void collectKeysOfFile(Set<String> keys) {
        for (String key : asked) {
            JsonNode value = node.get(key);
            boolean isThere = value != null && !value.isNull() && !value.isObject();
            if (isThere && findings.origins().source(pathOf(key)).isEmpty() && !path.contains("[")) {
                keys.add(pathOf(key));
            }
        }
        children.forEach(child -> child.collectKeysOfFile(keys));
    }

    /** The path of every key that was asked for as a secret, in this section and in those inside it. */
    public Set<String> secretKeys() {
        Set<String> known = new LinkedHashSet<>();
        collectSecrets(known);
        return known;
    }

    private void collectSecrets(Set<String> known) {
        secrets.forEach(key -> known.add(pathOf(key)));
        children.forEach(child -> child.collectSecrets(known));
    }

    private void warnAboutUnknownKeys(Set<String> known) {
        node.fieldNames().forEachRemaining(key -> {
            if (!asked.contains(key)) {
                String hint = NearestKey.to(pathOf(key), known)
                        .map(nearest -> ", did you mean " + nearest + "?")
                        .orElse("");
                findings.warning(pathOf(key), "unknown key, ignored" + hint);
            }
        });
        children.forEach(child -> child.warnAboutUnknownKeys(known));
    }

    /** Hipache, in JavaScript, accepted numbers written as text. They are accepted here as well, with a warning. */
    private @Nullable BigDecimal number(String where, JsonNode value) {
        if (value.isNumber()) {
            return value.decimalValue();
        }
        if (value.isTextual() && DECIMAL.matcher(value.textValue()).matches()) {
            findings.warning(where, "the number " + value + " is written as text");
            return new BigDecimal(value.textValue());
        }
        return null;
    }
}
