package io.hipache.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.messages.Quantity;
import io.hipache.routing.BackendUrl;
import java.util.ArrayList;
import java.util.List;

/**
 * What the workers have seen of the backends of a host, for people.
 *
 * @param entries the backends in the order of the list, for their indexes
 */
record SeenBackends(List<String> entries) {

    /** A line for each backend, failing and slow ones first, and one for the clients that gave up. */
    List<String> lines(JsonNode host) {
        List<String> lines = new ArrayList<>();
        List<String> waitedFor = new ArrayList<>();
        for (JsonNode backend : host.path("backends")) {
            String name = name(backend.path("backend").asText());
            lines.add(name + "  " + attempts(backend) + underWay(backend));
            addDepartures(backend, "while waiting for " + name, waitedFor);
        }
        JsonNode others = host.path("otherBackends");
        if (others.path("attempts").asLong() > 0) {
            lines.add("other backends  " + attempts(others));
        }
        addDepartures(others, "while waiting for another backend or for Redis", waitedFor);
        JsonNode left = host.path("left");
        long clients = left.path("count").asLong();
        if (clients > 0) {
            lines.add(Quantity.of(clients, "client", "clients") + " left before an answer began, "
                    + time(left.path("meanMillis")) + " after the request on average, half of them within "
                    + time(left.path("p50Millis")) + ": " + String.join(", ", waitedFor));
        }
        return lines;
    }

    private String name(String href) {
        for (int i = 0; i < entries.size(); i++) {
            BackendUrl url = BackendUrl.parse(entries.get(i));
            if (url != null && url.href().equals(href)) {
                return "#" + i + " " + href;
            }
        }
        return href;
    }

    private static String attempts(JsonNode backend) {
        JsonNode firstByte = backend.path("firstByte");
        return Quantity.of(backend.path("attempts").asLong(), "attempt", "attempts") + ", "
                + backend.path("failures").asLong() + " failed, "
                + (firstByte.path("count").asLong() == 0
                        ? "no answer"
                        : "first byte after " + time(firstByte.path("meanMillis")) + " on average, 99 % below "
                                + time(firstByte.path("p99Millis")));
    }

    private static String underWay(JsonNode backend) {
        long requests = backend.path("requests").asLong();
        long tunnels = backend.path("tunnels").asLong();
        return requests + tunnels == 0
                ? ""
                : ", under way now " + Quantity.of(requests, "request", "requests") + " and "
                        + Quantity.of(tunnels, "WebSocket", "WebSockets");
    }

    private static void addDepartures(JsonNode backend, String where, List<String> to) {
        JsonNode left = backend.path("left");
        if (left.path("count").asLong() > 0) {
            to.add(left.path("count").asLong() + " " + where + " (" + time(left.path("meanMillis")) + ")");
        }
    }

    private static String time(JsonNode millis) {
        return Math.round(millis.asDouble()) + " ms";
    }
}
