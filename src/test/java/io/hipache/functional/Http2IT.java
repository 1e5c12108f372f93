package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.Response;
import io.hipache.testing.StreamResponse;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each stream of HTTP/2 is an exchange like any other. */
class Http2IT {
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
    void servesTheJdksClientManyStreamsAtATime() throws Exception {
        String host = "127.0.0.1";
        BigBody big = BigBody.ofMebibytes(2);
        hipache.backendOf(host, Response.ok().body(big));
        HttpClient client =
                HttpClient.newBuilder().sslContext(TestTls.trustingAnybody()).build();
        URI uri = URI.create("https://" + host + ":" + port() + "/");

        List<CompletableFuture<HttpResponse<byte[]>>> all = IntStream.range(0, 40)
                .mapToObj(i -> client.sendAsync(
                        HttpRequest.newBuilder(uri)
                                .POST(BodyPublishers.ofString("body " + i))
                                .build(),
                        BodyHandlers.ofByteArray()))
                .toList();

        for (CompletableFuture<HttpResponse<byte[]>> one : all) {
            HttpResponse<byte[]> response = one.get();
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.body()).hasSize((int) big.length());
        }
    }

    @Test
    void aRequestReachesItsBackendAsOneOfHttp11() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.headers(
                    1,
                    true,
                    ":method=GET",
                    ":scheme=https",
                    ":authority=a.example",
                    ":path=/x?y=%zz",
                    "te=trailers",
                    "x-one=1",
                    "cookie=a=1",
                    "cookie=b=2");

            assertThat(client.readResponse(1).body()).isEqualTo("hello");
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.requestLine()).isEqualTo("GET /x?y=%zz HTTP/1.1");
        assertThat(request.headers("host")).containsExactly("a.example");
        assertThat(request.headers("cookie")).containsExactly("a=1; b=2");
        assertThat(request.header("x-one")).isEqualTo("1");
        assertThat(request.header("te")).isEqualTo("trailers");
        assertThat(request.header("transfer-encoding")).isNull();
        assertThat(request.header("x-forwarded-proto")).isEqualTo("https");
        assertThat(request.header("x-forwarded-port")).isEqualTo(Integer.toString(port()));
        assertThat(request.header("x-forwarded-for")).isEqualTo("::ffff:127.0.0.1");
    }

    @Test
    void aHostFieldDoesWhereThereIsNoAuthority() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.headers(1, true, ":method=GET", ":scheme=https", ":path=/", "host=a.example");

            assertThat(client.readResponse(1).body()).isEqualTo("hello");
        }
    }

    @Test
    void aResponseLosesWhatConcernsAConnection() {
        hipache.backendOf(
                "a.example",
                Response.ok()
                        .chunked("hel", "lo")
                        .header("X-Upper", "Kept As It Is")
                        .header("Connection", "x-named")
                        .header("X-Named", "1")
                        .header("Keep-Alive", "timeout=5")
                        .header("Set-Cookie", "a=1")
                        .header("Set-Cookie", "b=2"));
        try (FrameClient client = FrameClient.connect(port())) {
            StreamResponse response = client.get(1, "a.example", "/").readResponse(1);

            assertThat(response.body()).isEqualTo("hello");
            assertThat(response.fields())
                    .containsExactly("x-upper: Kept As It Is", "set-cookie: a=1", "set-cookie: b=2");
        }
    }

    @Test
    void trailersGoBothWays() {
        TestBackend backend = hipache.backendOf(
                "a.example", Response.ok().chunked("x").trailer("X-Sum", "1").trailer("Content-Length", "9"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.post(1, "a.example").data(1, false, "body").headers(1, true, "x-sum=2", "host=evil");

            StreamResponse response = client.readResponse(1);
            assertThat(response.body()).isEqualTo("x");
            assertThat(response.trailers()).containsExactly("x-sum: 1");
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("transfer-encoding")).isEqualTo("chunked");
        assertThat(request.body()).isEqualTo("body");
        assertThat(request.trailers()).containsExactly("x-sum: 2");
    }

    @ParameterizedTest
    @CsvSource({"204, true", "304, true", "200, false"})
    void someResponsesEndWithTheirHead(int status, boolean bodiless) {
        Response response = Response.status(status);
        hipache.backendOf("a.example", bodiless ? response.bodiless() : response);
        try (FrameClient client = FrameClient.connect(port())) {
            client.get(1, "a.example", "/");

            Frame head = client.await("a head", frame -> frame.type() == Frame.HEADERS);
            assertThat(head.isEndOfStream()).isTrue();
        }
    }

    @Test
    void aHeadHasTheFieldsOfAGetAndNoBody() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.headers(1, true, ":method=HEAD", ":scheme=https", ":authority=a.example", ":path=/");

            StreamResponse response = client.readResponse(1);
            assertThat(response.header("content-length")).isEqualTo("5");
            assertThat(response.body()).isEmpty();
        }
    }

    @Test
    void passesOnTheInterimResponseThatABodyWaitsFor() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("stored"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.post(1, "a.example", "expect=100-continue", "content-length=4");
            Frame interim = client.await("a head", frame -> frame.type() == Frame.HEADERS);
            assertThat(interim.isEndOfStream()).isFalse();

            client.data(1, true, "body");

            assertThat(client.readResponse(1).body()).isEqualTo("stored");
        }
        assertThat(backend.awaitRequest().body()).isEqualTo("body");
    }

    @Test
    void answersWhatNeedsNoBackend() {
        try (FrameClient client = FrameClient.connect(port())) {
            StreamResponse ping = client.get(1, "__ping__", "/").readResponse(1);
            StreamResponse unknown = client.get(3, "unknown.example", "/").readResponse(3);
            client.headers(5, true, ":method=GET", ":scheme=https", ":path=/");
            StreamResponse nameless = client.readResponse(5);
            client.headers(7, true, ":method=CONNECT", ":authority=a.example:443");
            StreamResponse connect = client.readResponse(7);
            client.headers(
                    9,
                    true,
                    ":method=CONNECT",
                    ":protocol=websocket",
                    ":scheme=https",
                    ":authority=a.example",
                    ":path=/");
            StreamResponse extended = client.readResponse(9);

            assertThat(ping.body()).isEqualTo("ok");
            assertThat(unknown.status()).isEqualTo(400);
            assertThat(unknown.header("connection")).isNull();
            assertThat(unknown.header("cache-control")).isEqualTo("no-cache");
            assertThat(nameless.status()).isEqualTo(400);
            assertThat(List.of(connect.status(), extended.status())).containsOnly(405);
        }
    }

    @Test
    void aPageTellsTheReasonToWhomDebugs() {
        try (FrameClient client = FrameClient.connect(port())) {
            client.headers(1, true, ":method=GET", ":scheme=https", ":authority=no.example", ":path=/", "x-debug=1");

            assertThat(client.readResponse(1).header("x-debug-error")).isEqualTo("frontend not found");
        }
    }

    @Test
    void anEarlyAnswerEndsTheUploadWithoutAnError() {
        try (FrameClient client = FrameClient.connect(port())) {
            client.post(1, "unknown.example").data(1, false, "x".repeat(1000));

            assertThat(client.readResponse(1).status()).isEqualTo(400);
            assertThat(client.awaitReset(1)).isEqualTo(Frame.NO_ERROR);
            for (int i = 0; i < 300; i++) {
                client.data(1, false, "late");
            }
            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
            assertThat(client.passedOver(frame -> frame.type() == Frame.RST_STREAM))
                    .as("resets for what was on its way")
                    .isFalse();
        }
    }

    @Test
    void aBrokenResponseIsResetAndCostsItsStreamOnly() {
        Drip drip = new Drip();
        hipache.backendOf("broken.example", Response.ok().from(drip));
        hipache.backendOf("good.example", Response.ok("good"));
        try (FrameClient client = FrameClient.connect(port())) {
            client.get(1, "broken.example", "/");
            drip.send("half");
            client.await("half a body", frame -> frame.type() == Frame.DATA);
            drip.cut();

            assertThat(client.awaitReset(1)).isEqualTo(Frame.INTERNAL_ERROR);
            assertThat(client.passedOver(Frame::isEndOfStream)).isFalse();
            assertThat(client.get(3, "good.example", "/").readResponse(3).body())
                    .isEqualTo("good");
        }
    }

    @Test
    void aClientThatResetsItsStreamHasLeft() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        int before = hipache.accessLog().size();
        try (FrameClient client = FrameClient.connect(port())) {
            client.get(1, "a.example", "/");
            client.await("a head", frame -> frame.type() == Frame.HEADERS);

            client.reset(1, Frame.CANCEL);

            drip.awaitAbandoned();
            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
        }
        assertThat(hipache.awaitAccessLog(before + 1)).hasSize(before + 1);
    }

    @Test
    void aClientThatResetsBeforeTheAnswerIsLoggedAs499() {
        TestBackend backend = hipache.backendOf("a.example", (request, wire) -> wire.awaitClose());
        int before = hipache.accessLog().size();
        try (FrameClient client = FrameClient.connect(port())) {
            client.get(1, "a.example", "/");
            backend.awaitRequest();

            client.reset(1, Frame.CANCEL);

            ExchangeEnd end = hipache.awaitAccessLog(before + 1).get(before);
            assertThat(end.status()).isEqualTo(499);
            assertThat(end.reason()).isEqualTo(EndReason.CLIENT_GONE);
            assertThat(end.protocol()).isEqualTo("HTTP/2.0");
            assertThat(end.listener()).isEqualTo("127.0.0.1:" + port());
        }
    }

    @Test
    void writesTheAccessLogOfEachStream() {
        hipache.backendOf("a.example", Response.ok("hello"));
        int before = hipache.accessLog().size();
        try (FrameClient client = FrameClient.connect(port())) {
            client.get(1, "a.example", "/p").readResponse(1);
        }

        ExchangeEnd entry = hipache.awaitAccessLog(before + 1).get(before);
        assertThat(entry.requestLine()).isEqualTo("GET /p HTTP/2.0");
        assertThat(entry.status()).isEqualTo(200);
        assertThat(entry.bytes()).isBetween(23L, 100L);
    }

    @Test
    void whoOffersNothingOrHttp11GetsThat() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = RawClient.connectTls(port(), "TLSv1.3")) {
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    @Test
    void isNotOfferedInTheClear() {
        try (RawClient client = hipache.client()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

            assertThat(client.readResponse().status()).isEqualTo(400);
        }
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");

            assertThat(client.readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void canBeSwitchedOff() {
        try (TestHipache old = TestHipache.withTls("'http2': false")) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(TestTls.trustingAnybody())
                    .build();
            old.backendOf("127.0.0.1", Response.ok("hello"));
            URI uri = URI.create("https://127.0.0.1:" + old.port(1) + "/");

            HttpResponse<String> response = client.sendAsync(
                            HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .join();

            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(response.body()).isEqualTo("hello");
        }
    }

    private static int port() {
        return hipache.port(1);
    }
}
