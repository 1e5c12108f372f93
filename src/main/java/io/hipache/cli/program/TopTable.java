package io.hipache.cli.program;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.hipache.messages.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code hipache top} shows of two answers of the admin listener. Without an earlier answer the figures are sums. */
final class TopTable {
    private static final int MOST_HOSTS = 15;
    private static final int MOST_REASONS = 6;
    private static final int MOST_BACKENDS = 5;

    private final JsonNode now;
    private final @Nullable JsonNode before;
    private final double seconds;

    TopTable(JsonNode now, @Nullable JsonNode before) {
        this.now = now;
        boolean follows = before != null
                && now.path("time").asLong() > before.path("time").asLong();
        this.before = follows ? before : null;
        this.seconds = this.before == null
                ? 1
                : (now.path("time").asLong() - this.before.path("time").asLong()) / 1e3;
    }

    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        JsonNode traffic = now.path("traffic");
        rows.add(List.of(
                "hipache",
                now.path("version").asText()
                        + (now.path("ready").asBoolean()
                                ? ", ready"
                                : ", not ready: " + now.path("obstacle").asText())));
        rows.add(List.of(
                "counted",
                before == null
                        ? "since the start"
                        : String.format(Locale.ROOT, "in the last %.1f s, unless a line says otherwise", seconds)));
        rows.add(List.of(
                "traffic",
                rate(sum(now), before == null ? null : sum(before)) + ", "
                        + Quantity.of(traffic.path("connections").asLong(), "client", "clients") + ", "
                        + traffic.path("requests").asLong() + " under way, "
                        + Quantity.of(traffic.path("tunnels").asLong(), "WebSocket", "WebSockets") + ", "
                        + traffic.path("waiting").asLong() + " waiting for a backend"));
        rows.add(List.of("answers", shares(entry -> entry.path("code").asText())));
        rows.add(List.of("reasons", shares(entry -> entry.path("reason").asText())));
        rows.add(List.of("Redis", redis()));
        rows.add(List.of(
                "dead", Quantity.of(now.path("marks").size(), "backend", "backends") + " marked by this machine"));
        rows.add(List.of("limits", limits()));
        workers(rows);
        hosts(rows);
        backends(rows);
        return rows;
    }

    private String redis() {
        JsonNode store = now.path("store");
        return (store.path("usable").asBoolean() ? "usable" : "away")
                + mean(
                        ", look-ups take ",
                        store.path("lookups"),
                        earlier("store").path("lookups"),
                        "",
                        ", no look-up")
                + (store.path("staleWorkers").asLong() > 0 ? ", workers answer from memory" : "");
    }

    /** Those that were hit, such as {@code requests 3}. */
    private String limits() {
        List<String> words = new ArrayList<>();
        for (Map.Entry<String, JsonNode> limit : now.path("limits").properties()) {
            long earlier = before == null
                    ? 0
                    : before.path("limits").path(limit.getKey()).asLong();
            long hits = limit.getValue().asLong() - earlier;
            if (hits > 0) {
                words.add(limit.getKey() + " " + hits);
            }
        }
        return words.isEmpty() ? "none was hit" : "hit: " + String.join(", ", words);
    }

    private void workers(List<List<String>> rows) {
        String title = "workers";
        for (JsonNode worker : now.path("workers").path("processes")) {
            rows.add(List.of(
                    title,
                    "#" + worker.path("pid").asLong() + "  "
                            + worker.path("residentBytes").asLong() / (1 << 20) + " MB, loop lag "
                            + millis(worker.path("lagMillis").asDouble()) + ", "
                            + Quantity.of(worker.path("connections").asLong(), "client", "clients")));
            title = "";
        }
    }

    private void hosts(List<List<String>> rows) {
        Map<String, JsonNode> earlier = new HashMap<>();
        if (before != null) {
            before.path("hosts").forEach(host -> earlier.put(host.path("host").asText(), host));
        }
        List<JsonNode> hosts = new ArrayList<>();
        now.path("hosts").forEach(hosts::add);
        Function<JsonNode, Long> grown = host -> host.path("requests").asLong()
                - requests(earlier.get(host.path("host").asText()));
        hosts.sort(Comparator.comparing(grown).reversed());
        String title = "hosts";
        for (JsonNode host : hosts.subList(0, Math.min(MOST_HOSTS, hosts.size()))) {
            JsonNode was = earlier.get(host.path("host").asText());
            rows.add(List.of(
                    title,
                    host.path("host").asText() + "  " + rate(requests(host), before == null ? null : requests(was))
                            + ", " + failed(host, was) + " of them 5xx" + times(", ", host, was, "times", "")));
            title = "";
        }
    }

    /** The worst ones that were asked since the last look, failing and slow ones first. */
    private void backends(List<List<String>> rows) {
        Map<String, JsonNode> earlier = new HashMap<>();
        if (before != null) {
            before.path("backends").forEach(backend -> earlier.put(name(backend), backend));
        }
        String title = "backends";
        int shown = 0;
        for (JsonNode backend : now.path("backends")) {
            JsonNode was = earlier.getOrDefault(name(backend), MissingNode.getInstance());
            long attempts =
                    backend.path("attempts").asLong() - was.path("attempts").asLong();
            if (attempts > 0 && shown < MOST_BACKENDS) {
                long failures =
                        backend.path("failures").asLong() - was.path("failures").asLong();
                rows.add(List.of(
                        title,
                        name(backend) + "  " + Quantity.of(attempts, "attempt", "attempts") + ", " + failures
                                + " failed"
                                + times(", first byte after ", backend, was, "firstByte", ", no answer")));
                title = "";
                shown++;
            }
        }
    }

    private static String name(JsonNode backend) {
        return backend.path("host").asText() + " " + backend.path("backend").asText();
    }

    private static long requests(@Nullable JsonNode host) {
        return host == null ? 0 : host.path("requests").asLong();
    }

    private long failed(JsonNode host, @Nullable JsonNode was) {
        long earlier = was == null || before == null
                ? 0
                : was.path("codes").path("5xx").asLong();
        return host.path("codes").path("5xx").asLong() - earlier;
    }

    private static long sum(JsonNode status) {
        long sum = 0;
        for (JsonNode entry : status.path("requests")) {
            sum += entry.path("requests").asLong();
        }
        return sum;
    }

    private String rate(long requests, @Nullable Long earlier) {
        return earlier == null
                ? Quantity.of(requests, "request", "requests")
                : String.format(Locale.ROOT, "%.1f requests/s", (requests - earlier) / seconds);
    }

    /** The most frequent ones, such as {@code 2xx 1200, 5xx 3}. */
    private String shares(Function<JsonNode, String> name) {
        Map<String, Long> counts = new HashMap<>();
        now.path("requests")
                .forEach(entry ->
                        counts.merge(name.apply(entry), entry.path("requests").asLong(), Long::sum));
        if (before != null) {
            before.path("requests")
                    .forEach(entry -> counts.merge(
                            name.apply(entry), -entry.path("requests").asLong(), Long::sum));
        }
        List<String> words = counts.entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(MOST_REASONS)
                .map(count -> count.getKey() + " " + count.getValue())
                .toList();
        return words.isEmpty() ? "none" : String.join(", ", words);
    }

    /** What the last answer said of this, nothing where there was none. */
    private JsonNode earlier(String name) {
        return before == null ? MissingNode.getInstance() : before.path(name);
    }

    /** The mean since the last look, and below which time nearly all were since the start: an answer has no other one. */
    private String times(String front, JsonNode row, @Nullable JsonNode was, String name, String otherwise) {
        JsonNode times = row.path(name);
        JsonNode timesBefore = was == null || before == null ? MissingNode.getInstance() : was.path(name);
        String mean = mean(front, times, timesBefore, " on average", otherwise);
        return times.path("count").asLong() == 0
                ? mean
                : mean + ", 99 % below " + millis(times.path("p99Millis").asDouble())
                        + (before == null ? "" : " since the start");
    }

    private static String mean(String front, JsonNode times, JsonNode earlier, String behind, String otherwise) {
        long count = times.path("count").asLong() - earlier.path("count").asLong();
        return count <= 0 ? otherwise : front + millis(Math.max(0, total(times) - total(earlier)) / count) + behind;
    }

    /** The sum of what was measured, which an answer tells as a mean. */
    private static double total(JsonNode times) {
        return times.path("count").asLong() * times.path("meanMillis").asDouble();
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f ms", millis);
    }
}
