package io.hipache.accesslog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What clients and the store say, in a line of JSON. Whatever it is, the line is one line of printable ASCII, a strict parser
 * reads it, and each field says what was put in.
 */
public final class JsonLineFuzz {
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final int FIELDS = 6;

    private JsonLineFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        List<String> parts = parts(new String(bytes, StandardCharsets.ISO_8859_1));
        // each pair of bytes is a character of the store, so that halves of surrogate pairs are among them
        String stored = ByteBuffer.wrap(bytes).asCharBuffer().toString();
        ExchangeEnd end = new ExchangeEnd(
                "127.0.0.1:80",
                "HTTP/1.1",
                parts.get(0),
                "",
                parts.get(1),
                bytes.length,
                "GET " + parts.get(2).replace(' ', '_') + "? HTTP/1.1",
                parts.get(3),
                parts.get(4),
                parts.get(5),
                stored,
                stored,
                false,
                List.of(new AttemptOutcome(stored, 0, EndReason.ANSWERED, 0, 0, 0, 0)),
                200,
                EndReason.ANSWERED,
                0,
                0,
                0,
                0,
                0);

        String line = Ends.line(new JsonFormat(Shown.EVERYTHING), end);

        if (!line.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new AssertionError("not printable ASCII: " + line);
        }
        JsonNode read = read(line);
        require(decoded(parts.get(0)), read, "request_id");
        require(decoded(parts.get(1).substring(ShortAddress.startOfPlain(parts.get(1)))), read, "client");
        require(decoded(parts.get(2).replace(' ', '_') + "?"), read, "target");
        require(decoded(parts.get(3)), read, "host");
        require(decoded(parts.get(4)), read, "referer");
        require(decoded(parts.get(5)), read, "user_agent");
        String mended = new String(stored.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
        require(mended, read, "frontend");
        require(mended, read, "virtual_host");
        require(mended, read, "backend");
    }

    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>(List.of(text.split("\\|", FIELDS)));
        while (parts.size() < FIELDS) {
            parts.add(text);
        }
        return parts;
    }

    private static JsonNode read(String line) {
        try {
            return STRICT.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    private static void require(String expected, JsonNode line, String name) {
        JsonNode value = Objects.requireNonNull(line.get(name), name);
        String read = value.isNull() ? "" : value.textValue();
        if (!expected.equals(read)) {
            throw new AssertionError(name + " of " + line + " is not " + expected);
        }
    }

    /** Characters where the bytes are UTF-8, else bytes: by the decoder of the JDK, one character after the other. */
    private static String decoded(String bytes) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < bytes.length()) {
            int length = 1;
            @Nullable String character = null;
            while (character == null && length <= 4 && at + length <= bytes.length()) {
                character = strictly(bytes.substring(at, at + length++));
            }
            text.append(character == null ? bytes.substring(at, at + 1) : character);
            at += character == null ? 1 : length - 1;
        }
        return text.toString();
    }

    private static @Nullable String strictly(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
