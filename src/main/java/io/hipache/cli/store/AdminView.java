package io.hipache.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.cli.common.AdminClient;
import io.hipache.config.HipacheConfig;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks the workers by the admin listener of the configuration, where there is one. */
public final class AdminView implements WorkersView {
    /** The newest ones. */
    private static final int MOST_FAILURES = 5;

    @Override
    public Seen of(HipacheConfig config, String host) {
        HipacheConfig.Admin admin = config.server().admin();
        if (admin == null) {
            return new Seen(List.of("not asked, because the configuration has no server.admin"), null);
        }
        try {
            JsonNode seen =
                    new AdminClient(admin).get("/hosts/" + URLEncoder.encode(host, StandardCharsets.UTF_8) + ".json");
            return seen == null
                    ? new Seen(List.of("have had no request for this host that is counted of its own"), null)
                    : new Seen(lines(seen), seen);
        } catch (IOException e) {
            return new Seen(List.of(String.valueOf(e.getMessage())), null);
        }
    }

    private static List<String> lines(JsonNode seen) {
        List<String> lines = new ArrayList<>();
        if (seen.path("counted").asBoolean()) {
            JsonNode times = seen.path("times");
            lines.add(seen.path("requests").asLong() + " requests (" + counts(seen.path("codes")) + "), "
                    + Math.round(times.path("meanMillis").asDouble()) + " ms on average, 99 % below "
                    + Math.round(times.path("p99Millis").asDouble()) + " ms");
            lines.add("ended as " + counts(seen.path("reasons")));
        }
        for (JsonNode mark : seen.path("marks")) {
            lines.add(mark.path("backend").asText() + " marked dead here " + time(mark.path("since")) + ", until "
                    + time(mark.path("until")) + why(mark.path("why").asText()));
        }
        int told = 0;
        for (JsonNode failure : seen.path("failures")) {
            if (told++ == MOST_FAILURES) {
                break;
            }
            String backend = failure.path("backend").asText();
            lines.add(time(failure.path("time")) + " " + failure.path("reason").asText() + ", "
                    + failure.path("status").asInt() + (backend.isEmpty() ? "" : ", " + backend));
        }
        return lines;
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
