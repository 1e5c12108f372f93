package io.hipache.supervisor.admin.frontends;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.frontends.Explanation;
import io.hipache.frontends.HostState;
import io.hipache.routing.BackendUrl;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One host: what {@code hipache explain --json} says, and at each backend what the workers of this machine know of it. The
 * dead backends are first, then those that failed last, then slow ones.
 */
final class HostPage {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();
    private static final long MILLIS_PER_SECOND = 1_000;

    private HostPage() {}

    /** @param workers what they know of a host or frontend of this very name, null for nothing */
    static ObjectNode of(Explanation explanation, Function<String, @Nullable JsonNode> workers) {
        HostState state = explanation.state();
        HostState.Name found = state.found();
        JsonNode seen = workers.apply(state.host());
        if (seen == null && found != null) {
            seen = workers.apply(found.name());
        }
        ObjectNode page = MAPPER.valueToTree(explanation.json(seen));
        page.put("time", explanation.now().toEpochMilli());
        Map<String, JsonNode> marks = new HashMap<>();
        Map<String, Integer> failures = new HashMap<>();
        Map<String, JsonNode> last = new HashMap<>();
        Map<String, JsonNode> counts = new HashMap<>();
        if (seen != null) {
            seen.path("marks").forEach(mark -> marks.put(mark.path("backend").asText(), mark));
            seen.path("backends")
                    .forEach(backend -> counts.put(backend.path("backend").asText(), backend));
            for (JsonNode failure : seen.path("failures")) {
                String backend = failure.path("backend").asText();
                failures.merge(backend, 1, Integer::sum);
                last.putIfAbsent(backend, failure);
            }
        }
        List<ObjectNode> backends = new ArrayList<>();
        for (JsonNode each : page.path("backends")) {
            ObjectNode backend = (ObjectNode) each;
            BackendUrl url = BackendUrl.parse(backend.path("url").asText());
            String href = url == null ? "" : url.href();
            if (isDead(backend)) {
                addMark(backend, marks.get(href), explanation.now().toEpochMilli());
            }
            backend.put("failures", failures.getOrDefault(href, 0));
            JsonNode newest = last.get(href);
            if (newest != null) {
                backend.set("lastFailure", newest);
            }
            JsonNode counted = counts.get(href);
            if (counted != null) {
                backend.set("seen", counted);
            }
            backends.add(backend);
        }
        backends.sort(Comparator.<ObjectNode, Boolean>comparing(backend -> !isDead(backend))
                .thenComparing(backend -> backend.path("failures").asInt(), Comparator.reverseOrder())
                .thenComparing(
                        backend -> backend.at("/seen/firstByte/p99Millis").asDouble(), Comparator.reverseOrder()));
        page.putArray("backends").addAll(backends);
        return page;
    }

    private static boolean isDead(JsonNode backend) {
        return backend.path("state").asText().equals("dead");
    }

    /** The store knows until when. Since when and why is known where a worker of this machine has set the mark. */
    private static void addMark(ObjectNode backend, @Nullable JsonNode mark, long nowMillis) {
        long seconds = backend.path("seconds").asLong();
        if (seconds >= 0) {
            backend.put("until", nowMillis + seconds * MILLIS_PER_SECOND);
        }
        if (mark != null) {
            backend.set("since", mark.path("since"));
            backend.set("why", mark.path("why"));
        }
    }
}
