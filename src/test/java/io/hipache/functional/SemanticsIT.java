package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.StreamResponse;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110 asks of an intermediary, in either protocol. */
class SemanticsIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.withTls("");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @Test
    void answersAnOptionsThatMayGoNoFurther() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            client.send("OPTIONS * HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 0\r\n\r\n");
            http2.headers(1, true, options("0"));

            ReceivedResponse response = client.readResponse();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("allow")).contains("GET", "OPTIONS");
            StreamResponse overHttp2 = http2.readResponse(1);
            assertThat(overHttp2.status()).isEqualTo(200);
            assertThat(overHttp2.fields()).anyMatch(field -> field.startsWith("allow: GET"));
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
        assertThat(backend.requests()).hasSize(1);
        assertThat(hipache.ends()).anyMatch(end -> end.reason() == EndReason.MAX_FORWARDS);
    }

    @Test
    void showsATraceThatMayGoNoFurtherWithoutItsLogin() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("TRACE /x HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 0\r\nCookie: a=1\r\n"
                    + "Authorization: Basic abc\r\nX-Api-Key: k\r\nX-Other: 1\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("content-type")).isEqualTo("message/http");
            assertThat(response.body())
                    .isEqualTo("TRACE /x HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 0\r\nX-Other: 1\r\n\r\n");
        }
        assertThat(backend.requests()).isEmpty();
    }

    @Test
    void countsTheForwardsOfAnOptions() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            client.send("OPTIONS * HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 7\r\n\r\n");
            client.readResponse();
            http2.headers(1, true, options("3")).readResponse(1);
        }

        assertThat(backend.awaitRequest().header("max-forwards")).isEqualTo("6");
        assertThat(backend.awaitRequest().header("max-forwards")).isEqualTo("2");
    }

    private static String[] options(String maxForwards) {
        return new String[] {
            ":method=OPTIONS", ":scheme=https", ":authority=a.example", ":path=*", "max-forwards=" + maxForwards
        };
    }

    @Test
    void saysWhatIsAllowedWhereAMethodIsNot() {
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            client.send("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n");
            http2.headers(1, true, ":method=CONNECT", ":authority=a.example:443");

            ReceivedResponse response = client.readResponse();
            assertThat(response.status()).isEqualTo(405);
            assertThat(response.header("allow")).contains("GET", "POST").doesNotContain("CONNECT");
            StreamResponse overHttp2 = http2.readResponse(1);
            assertThat(overHttp2.status()).isEqualTo(405);
            assertThat(overHttp2.fields()).anyMatch(field -> field.startsWith("allow: GET"));
        }
    }

    @Test
    void tellsToWhichProtocolABackendWantsToSwitch() {
        hipache.backendOf(
                "a.example",
                Response.status(426)
                        .header("Upgrade", "websocket")
                        .header("Connection", "Upgrade")
                        .body("upgrade!"));
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            ReceivedResponse response = client.get("a.example", "/").readResponse();
            StreamResponse overHttp2 = http2.get(1, "a.example", "/").readResponse(1);

            assertThat(response.header("upgrade")).isEqualTo("websocket");
            assertThat(response.header("connection")).isEqualTo("Upgrade");
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("upgrade!");
            assertThat(overHttp2.status()).isEqualTo(426);
            assertThat(overHttp2.fields()).noneMatch(field -> field.matches("(upgrade|connection):.*"));
        }
    }

    @Test
    void asksABackendForTrailersWhereTheClientTakesThem() {
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok().chunked("abc").trailer("grpc-status", "0"));
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
            assertThat(client.readResponse().trailers()).containsExactly("grpc-status: 0");
            http2.headers(1, true, ":method=GET", ":scheme=https", ":authority=a.example", ":path=/", "te=trailers");
            assertThat(http2.readResponse(1).trailers()).containsExactly("grpc-status: 0");
        }

        for (int i = 0; i < 2; i++) {
            ReceivedRequest request = backend.awaitRequest();
            assertThat(request.header("te")).isEqualTo("trailers");
            assertThat(request.header("connection")).isEqualTo("TE");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "authorization",
                "cookie",
                "set-cookie",
                "host",
                "content-length",
                "transfer-encoding",
                "te",
                "trailer",
                "connection",
                "x-forwarded-for",
                "x_forwarded_for",
                "x-real-ip",
                "forwarded",
                "via",
                "content-type",
                "content-encoding",
                "content-range",
                "cache-control",
                "location",
                "proxy-authorization",
                "proxy",
                "range",
                "if-match",
                "www-authenticate",
                "x-forwarded-host",
                "max-forwards",
                "expect",
                "content_length"
            })
    void keepsOutOfTrailersWhatBelongsIntoAHead(String name) {
        TestBackend backend = hipache.backendOf(
                "a.example", Response.ok().chunked("abc").trailer(name, "1").trailer("X-Sum", "3"));
        // HTTP/2 refuses them altogether
        boolean ofConnection = List.of("connection", "transfer-encoding", "te").contains(name);
        try (RawClient client = hipache.client();
                FrameClient http2 = FrameClient.connect(hipache.port(1))) {
            client.send("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + name
                    + ": 1\r\nX-Sum: 1\r\n\r\n");
            assertThat(client.readResponse().trailers()).containsExactly("X-Sum: 3");
            http2.post(1, "a.example").data(1, false, "a");
            if (ofConnection) {
                http2.headers(1, true, "x-sum=1");
            } else {
                http2.headers(1, true, name + "=1", "x-sum=1");
            }
            assertThat(http2.readResponse(1).trailers()).containsExactly("x-sum: 3");
        }

        assertThat(backend.awaitRequest().trailers()).containsExactly("X-Sum: 1");
        assertThat(backend.awaitRequest().trailers()).containsExactly("x-sum: 1");
    }

    @Test
    void doesNotAnnounceTrailersToAClientThatGetsNone() {
        hipache.backendOf(
                "a.example",
                Response.ok().header("Trailer", "X-Sum").chunked("abc").trailer("X-Sum", "3"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("trailer")).isNull();
            assertThat(response.body()).isEqualTo("abc");
        }
        try (RawClient client = hipache.client()) {
            assertThat(client.get("a.example", "/").readResponse().header("trailer"))
                    .isEqualTo("X-Sum");
        }
    }
}
