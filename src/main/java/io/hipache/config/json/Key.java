package io.hipache.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One key of a section that is read into a record {@code R}.
 *
 * @param name as in the file, without the section
 * @param documentation what the key means, as its entry in docs/configuration.md begins, in Markdown
 * @param defaultInWords the default as in that entry, null where it is the reader's default as it stands
 * @param writer turns the value in the record back into JSON
 */
public record Key<R>(String name, String documentation, @Nullable String defaultInWords, Writer<R> writer) {

    /** Turns the value of one key back into JSON. */
    @FunctionalInterface
    public interface Writer<R> {

        /**
         * Null leaves the key out.
         *
         * @param secrets replaces each secret, with itself or with a mask
         */
        @Nullable
        JsonNode json(R record, UnaryOperator<String> secrets);
    }

    /** Writes the values of all keys into an object, in the order of the keys. */
    public static <R> void write(List<Key<R>> keys, R record, UnaryOperator<String> secrets, ObjectNode into) {
        for (Key<R> key : keys) {
            JsonNode value = key.writer.json(record, secrets);
            if (value != null) {
                into.set(key.name, value);
            }
        }
    }
}
