package io.hipache.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/** Values as JSON, in the form in which {@link Section} reads them. */
public final class Written {
    private Written() {}

    public static JsonNode text(String text) {
        return TextNode.valueOf(text);
    }

    public static JsonNode texts(List<?> values) {
        ArrayNode array = JsonText.array();
        values.forEach(value -> array.add(value.toString()));
        return array;
    }

    public static JsonNode number(int number) {
        return IntNode.valueOf(number);
    }

    public static JsonNode flag(boolean flag) {
        return BooleanNode.valueOf(flag);
    }

    public static JsonNode seconds(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros();
        // 30 rather than 3E+1
        return DecimalNode.valueOf(seconds.scale() < 0 ? seconds.setScale(0) : seconds);
    }
}
