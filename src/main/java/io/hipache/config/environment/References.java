package io.hipache.config.environment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hipache.config.json.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts the values of variables in the place of <code>${NAME}</code> in the texts of a file. <code>$${</code> is a literal
 * <code>${</code>.
 */
final class References {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)}|\\$\\{");

    private final Map<String, String> environment;
    private final Findings findings;

    References(Map<String, String> environment, Findings findings) {
        this.environment = environment;
        this.findings = findings;
    }

    /** Changes the texts in place. A text with a problem is taken out, so that it has no second problem. */
    void resolve(ObjectNode root) {
        inside("", root);
    }

    private void inside(String path, JsonNode container) {
        if (container instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                String inner = path.isEmpty() ? name : path + "." + name;
                JsonNode value = resolved(inner, object.get(name), true);
                object.set(name, value);
            }
        } else if (container instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                // the elements of lists are texts or objects
                array.set(i, resolved(path + "[" + i + "]", array.get(i), false));
            }
        }
    }

    private @Nullable JsonNode resolved(String path, JsonNode value, boolean maybeJson) {
        if (!value.isTextual()) {
            inside(path, value);
            return value;
        }
        String text = value.textValue();
        if (!text.contains("${")) {
            return value;
        }
        List<String> used = new ArrayList<>();
        String replaced = replaced(path, text, used);
        if (replaced == null) {
            return null;
        }
        boolean whole = used.size() == 1 && text.equals(used.get(0));
        if (!used.isEmpty()) {
            findings.origins().add(path, String.join(", ", used), replaced);
        }
        return whole && maybeJson ? GivenText.value(replaced) : TextNode.valueOf(replaced);
    }

    private @Nullable String replaced(String path, String text, List<String> used) {
        StringBuilder result = new StringBuilder();
        Matcher matcher = REFERENCE.matcher(text);
        boolean complete = true;
        while (matcher.find()) {
            String name = matcher.group(1);
            String replacement = "${";
            if (name != null) {
                used.add(matcher.group());
                String value = environment.get(name);
                if (value == null) {
                    findings.problem(path, "the environment variable " + name + " is not set");
                    complete = false;
                }
                replacement = value == null ? "" : value;
            } else if (matcher.group().length() == 2) {
                findings.problem(
                        path, "expected the name of an environment variable in ${…}; a literal ${ is written $${");
                complete = false;
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(result);
        return complete ? result.toString() : null;
    }
}
