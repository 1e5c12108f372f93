package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.Drip;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages arrive as they were sent, whatever their framing. */
class MessagesIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.start();
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "x-own"})
    void passesOnAnyMethod(String method) {
        TestBackend backend =
                hipache.backendOf("a.example", Response.status(207).body("body"));
        try (RawClient client = hipache.client()) {
            client.send(method + " /path?a=b HTTP/1.1\r\nHost: a.example\r\n\r\n");

            assertThat(client.readResponse().statusLine()).isEqualTo("HTTP/1.1 207 Status 207");
            assertThat(backend.awaitRequest().requestLine()).isEqualTo(method + " /path?a=b HTTP/1.1");
        }
    }

    @Test
    void keepsOrderCaseAndDuplicatesOfHeadersBothWays() {
        TestBackend backend = hipache.backendOf(
                "a.example",
                Response.ok("x")
                        .header("Set-Cookie", "b=2")
                        .header("SET-COOKIE", "a=1")
                        .header("x-Odd", "\u00e9 \"x\""));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nX-b: 2\r\nHost: a.example\r\nx-A: 1\r\nX-B: 3\r\naccept:  */*  \r\n\r\n");

            assertThat(client.readResponse().headers("set-cookie")).containsExactly("b=2", "a=1");
            assertThat(backend.awaitRequest().head().toString())
                    .contains("X-b: 2\r\nHost: a.example\r\nx-A: 1\r\nX-B: 3\r\naccept: */*\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/{a}|b\\c^d\"`", "/%zz%", "/\u00e9", "*", "//x//", "/?"})
    void passesOnTheTargetUnchanged(String target) {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = hipache.client()) {
            client.send("OPTIONS " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n");

            assertThat(client.readResponse().status()).isEqualTo(200);
            assertThat(backend.awaitRequest().target()).isEqualTo(target);
        }
    }

    @Test
    void takesLinesThatEndInABareLineFeed() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\nHost: a.example\n\n");

            assertThat(client.readResponse().body()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a.example\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\rb\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\0b\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "GET /a#b HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "GET http://a.example/a#b HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "GET http://a.example#b HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "POST * HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "OPTIONS *# HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "GET / HTTP/2.0\r\nHost: a.example\r\n\r\n",
                "GET /\r\nHost: a.example\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: +1\r\n\r\nx",
                "POST / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "\u0016\u0003\u0001"
            })
    void refusesAndClosesWhatTwoParsersCouldReadDifferently(String request) {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = hipache.client()) {
            client.send(request);

            assertThat(client.readResponse().status()).isEqualTo(400);
            client.expectClosed();
            assertThat(backend.requests()).isEmpty();
        }
    }

    @Test
    void refusesAHeadThatIsTooLarge() {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");

            assertThat(client.readResponse().status()).isEqualTo(431);
            client.expectClosed();
        }
    }

    @Test
    void passesOnBodiesOfEveryFraming() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok().echo());
        try (RawClient client = hipache.client()) {
            client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.readResponse().body()).isEqualTo("hello");

            client.send("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n"
                    + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nt: 1\r\n\r\n");
            assertThat(client.readResponse().body()).isEqualTo("abcde");
        }

        assertThat(backend.awaitRequest().body()).isEqualTo("hello");
        assertThat(backend.awaitRequest().trailers()).containsExactly("t: 1");
    }

    @Test
    void passesOnTrailersOfAResponse() {
        hipache.backendOf("a.example", Response.ok().chunked("ab", "c").trailer("X-Sum", "3"));
        try (RawClient client = hipache.client()) {
            ReceivedResponse response = client.get("a.example", "/").readResponse();

            assertThat(response.body()).isEqualTo("abc");
            assertThat(response.trailers()).containsExactly("X-Sum: 3");
        }
    }

    @Test
    void turnsAnUnframedBodyIntoChunksAndKeepsTheConnection() {
        hipache.backendOf("a.example", Response.ok().http10().untilClose("hello"));
        try (RawClient client = hipache.client()) {
            ReceivedResponse first = client.get("a.example", "/").readResponse();
            ReceivedResponse second = client.get("a.example", "/").readResponse();

            assertThat(first.header("transfer-encoding")).isEqualTo("chunked");
            assertThat(List.of(first.body(), second.body())).containsExactly("hello", "hello");
        }
    }

    @Test
    void takesChunksApartForAClientOfHttp10() {
        hipache.backendOf("a.example", Response.ok().chunked("hel", "lo"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("transfer-encoding")).isNull();
            assertThat(response.body()).isEqualTo("hello");
            client.expectClosed();
        }
    }

    @Test
    void keepsAConnectionOfHttp10OpenWhenAsked() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n");
                assertThat(client.readResponse().header("connection")).isEqualTo("keep-alive");
            }

            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
            assertThat(client.readResponse().body()).isEqualTo("hello");
            client.expectClosed();
        }
    }

    @Test
    void passesOnBodilessResponsesAndGoesOn() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = hipache.client()) {
            backend.answers(Response.status(204).bodiless());
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(204);

            backend.answers(Response.status(304).bodiless().header("content-length", "1234"));
            assertThat(client.get("a.example", "/").readResponse().header("content-length"))
                    .isEqualTo("1234");

            backend.answers(Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
            client.send("HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n");
            assertThat(client.readResponseToHead().header("content-length")).isEqualTo("99");

            backend.answers(Response.ok("still here"));
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("still here");
        }
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok().echo());
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            String body = "body-" + i;
            requests.append("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
        }
        try (RawClient client = hipache.client()) {
            client.send(requests.toString());

            for (int i = 0; i < 100; i++) {
                assertThat(client.readResponse().body()).isEqualTo("body-" + i);
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void passesOnContinueAndOtherInterimResponses() {
        hipache.backendOf("a.example", (request, wire) -> {
            wire.send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
            // reading the body sends the 100
            Response.ok("stored").answer(request, wire);
        });
        try (RawClient client = hipache.client()) {
            client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");

            assertThat(client.readResponse().header("link")).isEqualTo("</style.css>");
            assertThat(client.readResponse().status()).isEqualTo(100);
            client.send("ab");
            assertThat(client.readResponse().body()).isEqualTo("stored");
        }
    }

    @Test
    void removesWhatConcernsOneConnectionAlone() {
        TestBackend backend = hipache.backendOf(
                "a.example",
                Response.ok("x")
                        .header("Connection", "x-hop")
                        .header("X-Hop", "1")
                        .header("Keep-Alive", "timeout=5"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: x-mine, X-Forwarded-For, host, keep-alive\r\n"
                    + "X-Mine: 1\r\nX-Forwarded-For: 9.9.9.9\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                    + "Proxy-Connection: keep-alive\r\nX-Kept: 1\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("x-hop")).isNull();
            assertThat(response.header("keep-alive")).isNull();
        }

        ReceivedRequest request = backend.awaitRequest();
        for (String gone : new String[] {"x-mine", "keep-alive", "te", "proxy-connection", "connection"}) {
            assertThat(request.header(gone)).as(gone).isNull();
        }
        assertThat(request.header("x-forwarded-for")).isEqualTo("9.9.9.9");
        assertThat(request.header("x-kept")).isEqualTo("1");
    }

    @Test
    void sendsTheHeadOfAResponseBeforeItsBody() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");

            client.readHead();
            drip.send("first");
            client.readUntil("first");
            drip.send("second");
            client.readUntil("second");
            drip.end();
            client.readUntil("0\r\n\r\n");
        }
    }

    @Test
    void closesBehindARequestThatSaysSo() {
        hipache.backendOf("a.example", Response.ok("bye"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(response.body()).isEqualTo("bye");
            client.expectClosed();
        }
    }

    @Test
    void aBackendThatClosesDoesNotCloseTheClient() {
        hipache.backendOf("a.example", Response.ok("hello").closing());
        try (RawClient client = hipache.client()) {
            assertThat(client.get("a.example", "/").readResponse().header("connection"))
                    .isNull();
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }
}
