package io.hipache.config.environment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hipache.config.json.BadJson;
import io.hipache.config.json.JsonText;

/** The text of a variable as a value. */
final class GivenText {
    private GivenText() {}

    /** Numbers, true, false, lists and objects are JSON. Everything else is a text, quoted or not. */
    static JsonNode value(String text) {
        try {
            JsonNode value = JsonText.value(text);
            if (value.isNumber() || value.isBoolean() || value.isContainerNode()) {
                return value;
            }
        } catch (BadJson e) {
            // most texts are not JSON, and who expects something else says so
        }
        return TextNode.valueOf(text);
    }
}
