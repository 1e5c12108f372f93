package io.hipache.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.cli.common.AdminClient;
import io.hipache.config.HipacheConfig;
import io.hipache.config.Installation;
import io.hipache.messages.Quantity;
import io.hipache.outcome.EndReason;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the workers by the admin listener of the configuration, where there is one. */
public final class AdminView implements WorkersView {
    /** The newest ones. */
    private static final int MOST_FAILURES = 5;

    /** What this program, or another proxy, answers to a request that comes back to it. */
    private static final int LOOP = 508;

    @Override
    public Seen of(HipacheConfig config, String host, String frontend, List<String> entries) {
        HipacheConfig.Admin admin = config.server().admin();
        if (admin == null) {
            return new Seen(List.of("not asked, because " + AdminClient.MISSING), null);
        }
        try {
            AdminClient client = new AdminClient(admin);
            JsonNode ofFrontend = page(client, frontend);
            JsonNode ofHost = host.equals(frontend) ? null : page(client, host);
            SeenBackends backends = new SeenBackends(entries);
            List<String> lines = new ArrayList<>();
            for (JsonNode page : Arrays.asList(ofFrontend, ofHost)) {
                if (page != null) {
                    lines.addAll(lines(page, host, backends));
                }
            }
            return lines.isEmpty()
                    ? new Seen(List.of("have had no request for this host that is counted of its own"), null)
                    : new Seen(lines, ofFrontend == null ? ofHost : ofFrontend);
        } catch (IOException e) {
            return new Seen(List.of(String.valueOf(e.getMessage())), null);
        }
    }

    /** Null where there is nothing of this very name: the listener then answers for the wildcard that it knows. */
    private static @Nullable JsonNode page(AdminClient client, String name) throws IOException {
        JsonNode page = client.get("/hosts/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + ".json");
        return page != null && page.path("host").asText().equals(name) ? page : null;
    }

    private static List<String> lines(JsonNode seen, String host, SeenBackends backends) {
        List<String> lines = new ArrayList<>();
        if (seen.path("counted").asBoolean()) {
            lines.add(Quantity.of(seen.path("requests").asLong(), "request", "requests") + " ("
                    + counts(seen.path("codes")) + ")" + took(seen.path("times")));
            lines.add("ended as " + counts(seen.path("reasons")));
            lines.addAll(backends.lines(seen));
        }
        for (JsonNode mark : seen.path("marks")) {
            lines.add(mark.path("backend").asText() + " marked dead here " + time(mark.path("since")) + ", until "
                    + time(mark.path("until")) + why(mark.path("why").asText()));
        }
        addFailures(seen.path("failures"), host, lines);
        return lines;
    }

    /** Equal ones, such as the attempts of one request, are one line. Each attempt has a failure, and a request one answer. */
    private static void addFailures(JsonNode failures, String host, List<String> lines) {
        Map<String, Integer> times = new LinkedHashMap<>();
        Map<String, String> units = new HashMap<>();
        for (JsonNode failure : failures) {
            String backend = failure.path("backend").asText();
            String line = time(failure.path("time")) + " "
                    + failure.path("reason").asText() + (backend.isEmpty() ? "" : " at " + backend)
                    + ", answered with " + failure.path("status").asInt();
            if (times.size() < MOST_FAILURES || times.containsKey(line)) {
                times.merge(line, 1, Integer::sum);
                units.put(line, backend.isEmpty() ? "requests" : "attempts");
            }
        }
        times.forEach(
                (line, count) -> lines.add(count == 1 ? line : line + " (" + count + " " + units.get(line) + ")"));
        if (!failures.isEmpty()) {
            lines.add("what to look at: " + lookAt(failures.path(0), host));
        }
    }

    /** A failure with the reason {@code answered} is an answer of the backend: its section says that all went well. */
    private static String lookAt(JsonNode newest, String host) {
        String reason = newest.path("reason").asText();
        int status = newest.path("status").asInt();
        if (!reason.equals(EndReason.ANSWERED.word())) {
            return page("docs/reasons.md#" + reason);
        }
        return status == LOOP
                ? "hipache check " + host + ", and " + page("docs/reasons.md#" + EndReason.LOOP_DETECTED.word())
                        + ", because a 508 is a loop"
                : "hipache check " + host + ", and the log of the backend, which itself has answered " + status;
    }

    private static String page(String name) {
        return Installation.find().page(name);
    }

    /** Tunnels are not measured. */
    private static String took(JsonNode times) {
        return times.path("count").asLong() == 0
                ? ""
                : ", " + Math.round(times.path("meanMillis").asDouble()) + " ms on average, 99 % below "
                        + Math.round(times.path("p99Millis").asDouble()) + " ms";
    }

    private static String why(String reason) {
        return reason.isEmpty() ? "" : ", because of " + reason;
    }

    private static String counts(JsonNode counts) {
        List<String> words = new ArrayList<>();
        for (Map.Entry<String, JsonNode> count : counts.properties()) {
            words.add(count.getKey() + " " + count.getValue().asLong());
        }
        return words.isEmpty() ? "none" : String.join(", ", words);
    }

    private static String time(JsonNode millis) {
        return Instant.ofEpochMilli(millis.asLong())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
