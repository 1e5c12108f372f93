package io.hipache.cli.program;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopTableTest {
    private static final String STATUS =
            """
            {"version": "1.0", "time": %1$d, "ready": true, "traffic": {"connections": 7, "requests": 2, "tunnels": 1, "waiting": 3},
             "requests": [{"code": "2xx", "reason": "answered", "requests": %2$d}, {"code": "5xx", "reason": "store_away", "requests": 5}],
             "workers": {"processes": [{"pid": 4711, "residentBytes": 104857600, "lagMillis": 1.25, "connections": 7}]},
             "store": {"usable": true, "staleWorkers": 0, "lookups": {"count": %3$d, "meanMillis": 0.5}},
             "hosts": [{"host": "quiet.example", "requests": 9000, "codes": {}, "times": {"count": 9000, "meanMillis": 2, "p99Millis": 5}},
                       {"host": "busy.example", "requests": %3$d, "codes": {"5xx": 4},
                        "times": {"count": %3$d, "meanMillis": %5$d, "p99Millis": 100}}],
             "backends": [{"host": "busy.example", "backend": "http://slow/", "attempts": %3$d, "failures": 1,
                           "firstByte": {"count": %3$d, "meanMillis": %5$d, "p99Millis": 2500}},
                          {"host": "quiet.example", "backend": "http://idle/", "attempts": 8, "failures": 8,
                           "firstByte": {"count": 0, "meanMillis": 0, "p99Millis": 0}}],
             "limits": {"connections": 0, "requests": %4$d}, "marks": [{}]}
            """;

    @Test
    void showsSumsAtFirst() throws Exception {
        assertThat(shown(status(1_000, 100, 10, 61), null))
                .contains(
                        "hipache|1.0, ready",
                        "counted|since the start",
                        "traffic|105 requests, 7 clients, 2 under way, 1 WebSocket, 3 waiting for a backend",
                        "answers|2xx 100, 5xx 5",
                        "reasons|answered 100, store_away 5",
                        "Redis|usable, look-ups take 0.5 ms",
                        "limits|hit: requests 1",
                        "dead|1 backend marked by this machine",
                        "workers|#4711  100 MB, loop lag 1.3 ms, 7 clients")
                .containsSubsequence(
                        "hosts|quiet.example  9000 requests, 0 of them 5xx, 2.0 ms on average, 99 % below 5.0 ms",
                        "|busy.example  10 requests, 4 of them 5xx, 61.0 ms on average, 99 % below 100.0 ms",
                        "backends|busy.example http://slow/  10 attempts, 1 failed, first byte after 61.0 ms on average,"
                                + " 99 % below 2500.0 ms",
                        "|quiet.example http://idle/  8 attempts, 8 failed, no answer");
    }

    @Test
    void thenShowsWhatHasHappenedSince() throws Exception {
        assertThat(shown(status(3_000, 300, 110, 11), status(1_000, 100, 10, 61)))
                .contains(
                        "counted|in the last 2.0 s, unless a line says otherwise",
                        "answers|2xx 200",
                        "limits|hit: requests 2",
                        "reasons|answered 200")
                .anyMatch(row -> row.startsWith("traffic|100.0 requests/s, "))
                .containsSubsequence(
                        "hosts|busy.example  50.0 requests/s, 0 of them 5xx, 6.0 ms on average, 99 % below 100.0 ms since the start",
                        "|quiet.example  0.0 requests/s, 0 of them 5xx, 99 % below 5.0 ms since the start",
                        "backends|busy.example http://slow/  100 attempts, 0 failed, first byte after 6.0 ms on average,"
                                + " 99 % below 2500.0 ms since the start")
                .noneMatch(row -> row.contains("http://idle/"));
    }

    private static List<String> shown(JsonNode now, @Nullable JsonNode before) {
        return new TopTable(now, before)
                .rows().stream().map(row -> String.join("|", row)).collect(Collectors.toList());
    }

    private static JsonNode status(long time, long answered, long busy, long mean) throws Exception {
        return new ObjectMapper().readTree(STATUS.formatted(time, answered, busy, answered / 100, mean));
    }
}
