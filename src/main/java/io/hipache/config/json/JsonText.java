package io.hipache.config.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads JSON with comments and trailing commas, as people write them in configurations. */
public final class JsonText {
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private JsonText() {}

    public static ObjectNode read(String text) throws BadJson {
        String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (withoutMark.isBlank()) {
            throw new BadJson("expected a JSON object, got nothing");
        }
        JsonNode root;
        try {
            root = MAPPER.readTree(withoutMark);
        } catch (JsonProcessingException e) {
            throw new BadJson(described(e));
        }
        if (root instanceof ObjectNode object) {
            return object;
        }
        throw new BadJson("expected a JSON object at the top");
    }

    private static String described(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        String where = location == null ? "" : ", line " + location.getLineNr() + ", column " + location.getColumnNr();
        String what = e.getOriginalMessage();
        if (what.startsWith("Trailing token")) {
            what = "there is more after the end of the object";
        }
        // Jackson shows the place of the opening bracket as an object of its own
        return "not JSON" + where + ": "
                + what.replaceAll("\\[Source: [^]]*?; line: (\\d+), column: (\\d+)]", "line $1, column $2");
    }
}
