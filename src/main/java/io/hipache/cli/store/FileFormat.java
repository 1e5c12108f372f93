package io.hipache.cli.store;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hipache.frontends.FrontendFile;
import io.hipache.frontends.FrontendFile.Wanted;
import io.hipache.frontends.FrontendName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.messages.FileFault;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/** Reads and writes files of frontends. JSON is YAML as well, so one reader is enough for both. */
enum FileFormat {
    json,
    yaml;

    private static final long MOST_BYTES = 256L << 20;
    private static final Set<String> KEYS = Set.of("id", "backends");

    private static final ObjectMapper READER = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ObjectMapper writer() {
        return this == json
                ? JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                : YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .enable(
                                YAMLGenerator.Feature.MINIMIZE_QUOTES,
                                YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                        .build();
    }

    String write(FrontendFile file) {
        Map<String, Object> frontends = new LinkedHashMap<>();
        file.frontends().forEach((name, wanted) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", wanted.id());
            one.put("backends", wanted.backends());
            frontends.put(name, one);
        });
        try {
            return writer().writeValueAsString(Map.of("frontends", frontends)).stripTrailing();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("frontends cannot be written", e);
        }
    }

    /** @throws InvalidInputException that says what is wrong with the file, and where */
    static FrontendFile read(Path path, boolean force) throws InvalidInputException {
        JsonNode root;
        try {
            if (Files.size(path) > MOST_BYTES) {
                throw new InvalidInputException(path + " is too large to be a file of frontends");
            }
            root = READER.readTree(Files.readAllBytes(path));
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(path + fault(e));
        } catch (IOException e) {
            throw new InvalidInputException(path + " cannot be read: " + FileFault.words(e));
        }
        JsonNode frontends = root == null ? null : root.get("frontends");
        if (frontends == null || !frontends.isObject()) {
            throw new InvalidInputException(
                    path
                            + ": expected {\"frontends\": {\"host\": {\"id\": \"name\", \"backends\": [\"http://host:port\"]}}}");
        }
        Map<String, Wanted> wanted = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : frontends.properties()) {
            try {
                if (wanted.put(FrontendName.of(entry.getKey()), wanted(entry.getValue(), force)) != null) {
                    throw new InvalidInputException("stands there twice, in different spellings");
                }
            } catch (InvalidInputException e) {
                throw e.in(path + ": " + entry.getKey());
            }
        }
        return new FrontendFile(wanted);
    }

    /** What is wrong with the text of a file, and where, in one line. */
    private static String fault(JsonProcessingException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CharConversionException) {
                return ": the file is not UTF-8 text";
            }
            if (cause instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
                // Jackson counts from the last token that it has understood
                return ", line " + (marked.getProblemMark().getLine() + 1) + ": " + words(marked);
            }
            if (cause instanceof ReaderException character) {
                return ": the file has a character that YAML does not allow, "
                        + String.format("U+%04X", character.getCodePoint());
            }
        }
        String place =
                e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
        return place + ": "
                + (e instanceof MismatchedInputException
                        ? "something stands behind the end of the frontends"
                        : oneLine(e.getOriginalMessage()));
    }

    private static String words(MarkedYAMLException marked) {
        String problem = String.valueOf(marked.getProblem());
        if (problem.contains("(TAB)")) {
            return "a tab stands where YAML needs spaces";
        }
        return oneLine(marked.getContext() == null ? problem : marked.getContext() + ": " + problem);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static Wanted wanted(JsonNode node, boolean force) throws InvalidInputException {
        JsonNode id = node.get("id");
        JsonNode backends = node.get("backends");
        if (id == null || !id.isValueNode() || id.isNull() || backends == null || !backends.isArray()) {
            throw new InvalidInputException("expected an id and a list of backends");
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            if (!KEYS.contains(member.getKey())) {
                throw new InvalidInputException("unknown key " + member.getKey() + ", expected id and backends");
            }
        }
        List<String> entries = new ArrayList<>();
        for (JsonNode backend : backends) {
            if (!backend.isTextual()) {
                throw new InvalidInputException("a backend is a text, got " + backend);
            }
            entries.add(backend.textValue());
        }
        return new Wanted(FrontendName.identifier(id.asText()), FrontendName.entries(entries, force));
    }
}
