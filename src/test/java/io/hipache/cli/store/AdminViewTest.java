package io.hipache.cli.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.testing.Reply;
import io.hipache.testing.TestBackend;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code hipache explain} makes of the answers of an admin listener. */
class AdminViewTest {
    private static final String WILDCARD =
            """
            {"host": "*.example.com", "counted": true, "requests": 1, "codes": {"5xx": 1}, "reasons": {"connect_refused": 1},
             "times": {"count": 1, "meanMillis": 11, "p99Millis": 25}, "marks": [],
             "failures": [{"time": 2000, "backend": "http://a:1/", "reason": "sockets_full", "status": 503},
                          {"time": 1000, "backend": "http://a:1/", "reason": "connect_refused", "status": 502},
                          {"time": 1000, "backend": "http://a:1/", "reason": "connect_refused", "status": 502}]}
            """;

    @Test
    void tellsEqualFailuresOnceAndWhereToReadOn() throws Exception {
        try (TestBackend admin = TestBackend.answering(json(WILDCARD))) {
            assertThat(new AdminView()
                            .of(config(admin), "www.example.com", "*.example.com", List.of())
                            .lines())
                    .containsExactly(
                            "1 request (5xx 1), 11 ms on average, 99 % below 25 ms",
                            "ended as connect_refused 1",
                            "1970-01-01T00:00:02Z sockets_full at http://a:1/, answered with 503",
                            "1970-01-01T00:00:01Z connect_refused at http://a:1/, answered with 502 (2 attempts)",
                            "what to look at: docs/reasons.md#sockets_full");
        }
    }

    @Test
    void doesNotSayThatAnErrorOfABackendWentWell() throws Exception {
        assertThat(linesOf(answered(508)))
                .last()
                .isEqualTo("what to look at: hipache check www.example.com, and docs/reasons.md#loop_detected,"
                        + " because a 508 is a loop");
        assertThat(linesOf(answered(500)))
                .last()
                .isEqualTo("what to look at: hipache check www.example.com, and the log of the backend,"
                        + " which itself has answered 500");
    }

    private static String answered(int status) {
        return WILDCARD.replace("\"sockets_full\", \"status\": 503", "\"answered\", \"status\": " + status);
    }

    private static List<String> linesOf(String page) throws Exception {
        try (TestBackend admin = TestBackend.answering(json(page))) {
            return new AdminView()
                    .of(config(admin), "www.example.com", "*.example.com", List.of())
                    .lines();
        }
    }

    /** The listener answers for a wildcard where it knows nothing of the host. */
    @Test
    void tellsNothingOfAnotherFrontend() throws Exception {
        try (TestBackend admin = TestBackend.answering(json(WILDCARD))) {
            assertThat(new AdminView()
                            .of(config(admin), "own.example.com", "own.example.com", List.of())
                            .lines())
                    .containsExactly("have had no request for this host that is counted of its own");
        }
    }

    @Test
    void tellsWhichBackendIsSlowAndForWhichOneClientsGaveUp() throws Exception {
        String page =
                """
                {"host": "a.example", "counted": true, "requests": 44, "codes": {"2xx": 10, "4xx": 34}, "reasons": {},
                 "times": {"meanMillis": 11, "p99Millis": 25}, "marks": [], "failures": [],
                 "left": {"count": 34, "meanMillis": 2001.6, "p50Millis": 2500},
                 "backends": [{"backend": "http://b:80/", "attempts": 33, "failures": 0, "requests": 2, "tunnels": 1,
                               "firstByte": {"count": 0}, "left": {"count": 33, "meanMillis": 2060}},
                              {"backend": "http://c/", "attempts": 10, "failures": 1, "requests": 0, "tunnels": 0,
                               "firstByte": {"count": 9, "meanMillis": 12.4, "p99Millis": 100}, "left": {"count": 0}}],
                 "otherBackends": {"attempts": 0, "left": {"count": 1, "meanMillis": 70}}}
                """;
        try (TestBackend admin = TestBackend.answering(json(page))) {
            assertThat(new AdminView()
                            .of(config(admin), "a.example", "a.example", List.of("http://a", "http://b:80"))
                            .lines())
                    .containsSubsequence(
                            "#1 http://b:80/  33 attempts, 0 failed, no answer, under way now 2 requests and 1 WebSocket",
                            "http://c/  10 attempts, 1 failed, first byte after 12 ms on average, 99 % below 100 ms",
                            "34 clients left before an answer began, 2002 ms after the request on average,"
                                    + " half of them within 2500 ms: 33 while waiting for #1 http://b:80/ (2060 ms),"
                                    + " 1 while waiting for another backend or for Redis (70 ms)");
        }
    }

    /** WebSockets have no time, and a backend that never answered has none either. */
    @Test
    void tellsNoTimeWhereNothingWasMeasured() throws Exception {
        assertThat(linesOf(WILDCARD.replace("\"count\": 1, \"meanMillis\": 11, \"p99Millis\": 25", "\"count\": 0")))
                .contains("1 request (5xx 1)");
    }

    private static Reply json(String text) {
        return Reply.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                + text.length() + "\r\n\r\n" + text);
    }

    private static HipacheConfig config(TestBackend admin) throws Exception {
        return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse("{\"server\": {\"admin\": {\"port\": " + admin.port() + "}}}")
                .config();
    }
}
