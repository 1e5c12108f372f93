package io.hipache.cli.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hipache.messages.Printable;
import java.io.PrintWriter;
import java.util.List;

/**
 * What a command says: lines for people, or one JSON value. Text of others is shown without control characters, because a
 * terminal would obey them.
 *
 * @param json whether JSON is wanted
 */
public record Output(PrintWriter out, PrintWriter err, boolean json) {

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Prints a JSON value. */
    public void value(Object value) {
        out.println(text(value));
        out.flush();
    }

    /** A JSON value as text. */
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a command makes no JSON of this", e);
        }
    }

    /** Prints a line. */
    public void line(String line) {
        out.println(Printable.escape(line));
    }

    /** Prints rows whose cells stand below each other. */
    public void table(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i));
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
                }
            }
            line(line.toString().stripTrailing());
        }
    }

    /** Says what is wrong. */
    public void problem(String message) {
        out.flush();
        err.println("hipache: " + Printable.escape(message));
        err.flush();
    }
}
