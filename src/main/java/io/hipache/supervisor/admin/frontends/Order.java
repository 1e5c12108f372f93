package io.hipache.supervisor.admin.frontends;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Change;
import io.hipache.frontends.Checker;
import io.hipache.frontends.DrainRules;
import io.hipache.frontends.FrontendName;
import io.hipache.frontends.HostReader;
import io.hipache.frontends.HostState;
import io.hipache.frontends.InvalidInputException;
import io.hipache.frontends.Revival;
import io.hipache.routing.BackendUrl;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to be done with a frontend.
 *
 * @param backends URLs, at least one
 * @param identifier of a new frontend, null for none
 */
record Order(Action action, List<String> backends, @Nullable String identifier) {
    private static final int MOST_BACKENDS = 100;
    private static final Set<String> KEYS = Set.of("action", "backends", "identifier");

    /** A key that is there twice, or anything behind the object, is an error: somebody else may have read it otherwise. */
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    Order {
        backends = List.copyOf(backends);
    }

    /** What can be done. */
    enum Action {
        ADD("backends_added", "backends were added"),
        REMOVE("backends_removed", "backends were removed"),
        DRAIN("backends_drained", "backends were drained"),
        REVIVE("marks_ended", "marks of dead backends were ended");

        private static final Map<String, Action> BY_WORD =
                Map.of("add", ADD, "remove", REMOVE, "drain", DRAIN, "revive", REVIVE);

        private final String event;
        private final String words;

        Action(String event, String words) {
            this.event = event;
            this.words = words;
        }

        /** The kind of its event. */
        String event() {
            return event;
        }

        /** For the message in the log. */
        String words() {
            return words;
        }
    }

    /** What has become of it. */
    record Done(String host, boolean changed, JsonNode json) {}

    /** Reads an order. */
    static Order read(byte[] body) throws InvalidInputException {
        JsonNode json;
        try {
            json = STRICT.readTree(body);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("the body is no JSON: "
                    // the rest is about the parser
                    + e.getOriginalMessage().replaceFirst("(?s) \\(start marker at .*", ""));
        } catch (IOException e) {
            throw new InvalidInputException("the body is not UTF-8");
        }
        if (!json.isObject()) {
            throw new InvalidInputException("the body is no JSON object");
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (!KEYS.contains(member.getKey())) {
                throw new InvalidInputException(
                        "there is a key that is not known; action, backends and identifier are");
            }
        }
        Action action = Action.BY_WORD.get(json.path("action").asText());
        if (action == null || !json.path("action").isTextual()) {
            throw new InvalidInputException("action is add, remove, drain or revive");
        }
        JsonNode identifier = json.path("identifier");
        if (!identifier.isMissingNode() && (!identifier.isTextual() || action != Action.ADD)) {
            throw new InvalidInputException("identifier is a text, and for add alone");
        }
        // an entry that could not be used may be removed
        boolean force = action == Action.REMOVE || action == Action.DRAIN;
        return new Order(
                action,
                FrontendName.entries(backends(json.path("backends")), force),
                identifier.isMissingNode() ? null : FrontendName.identifier(identifier.asText()));
    }

    private static List<String> backends(JsonNode array) throws InvalidInputException {
        if (!array.isArray() || array.isEmpty() || array.size() > MOST_BACKENDS) {
            throw new InvalidInputException("backends is a list of 1 to " + MOST_BACKENDS + " URLs");
        }
        List<String> backends = new ArrayList<>();
        for (JsonNode backend : array) {
            if (!backend.isTextual()) {
                throw new InvalidInputException("backends is a list of texts");
            }
            backends.add(backend.asText());
        }
        return backends;
    }

    /** The backends for messages, without user info. */
    String shownBackends() {
        return backends.stream()
                .map(entry -> {
                    BackendUrl url = BackendUrl.parse(entry);
                    return url == null ? entry : url.href();
                })
                .collect(Collectors.joining(" "));
    }

    /** Changes the store. */
    Done carryOut(StoreConnection store, HipacheConfig config, String written)
            throws StoreException, InvalidInputException {
        if (action == Action.REVIVE) {
            return revive(store, config, written);
        }
        String name = FrontendName.of(written);
        Change change = new Change(store);
        Change.Result result =
                switch (action) {
                    case ADD -> change.add(name, identifier, backends);
                    case DRAIN -> change.drain(name, backends);
                    default -> change.remove(name, backends);
                };
        ObjectNode json = answer(name, result.changed()).put("backends", Math.max(0, result.backends()));
        if (action == Action.DRAIN) {
            ArrayNode addresses = json.putArray("addresses");
            DrainRules.addresses(backends).forEach(addresses::add);
            json.put("obeyedMillis", DrainRules.obeyedWithin(config).toMillis());
        }
        json.put("entries", result.entries()).put("movedMarks", result.movedMarks());
        return new Done(name, result.changed(), json.put("droppedMarks", result.droppedMarks()));
    }

    private Done revive(StoreConnection store, HipacheConfig config, String host)
            throws StoreException, InvalidInputException {
        HipacheConfig.Server server = config.server();
        HostState state = new HostReader(store, server.deadByMatchedKey(), server.maxBackends()).read(host);
        long ended = new Revival(store).revive(state, backends);
        ObjectNode json = answer(state.host(), ended > 0).put("ended", ended);
        json.put("activeChecker", Checker.read(store, Instant.now()).alive());
        return new Done(state.host(), ended > 0, json);
    }

    private ObjectNode answer(String host, boolean changed) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("action", action.name().toLowerCase(Locale.ROOT))
                .put("host", host)
                .put("changed", changed);
    }
}
