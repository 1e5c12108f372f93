package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.DrainRequested;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.upstream.InMemoryChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExchangeTest {
    private static final String GET = "GET / HTTP/1.1|Host: h||";
    private static final String POST = "POST / HTTP/1.1|Host: h|Content-Length: 4||body";
    private static final String CHUNKED = "PUT / HTTP/1.1|Host: h|Transfer-Encoding: chunked||";
    private static final String OK = "HTTP/1.1 200 OK|Content-Length: 2||ok";
    private static final String LONG = "0123456789abcdef".repeat(8 * 1024);

    private final InMemoryProxy proxy;

    ExchangeTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    // one after the other

    @Test
    void relaysARequestAndItsResponse() {
        proxy.send("GET /x HTTP/1.1|Host: h|A: b||");
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).startsWith("GET /x HTTP/1.1\r\nHost: h\r\nA: b\r\nx-forwarded-for: ");

        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void usesBothConnectionsAgain() {
        InMemoryChannel backend = afterOneExchange();

        proxy.send("POST /second HTTP/1.1|Host: h|Content-Length: 4||body");
        assertThat(backend.sent()).startsWith("POST /second ").endsWith("\r\n\r\nbody");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.logged()).containsExactly(200, 200);
    }

    @Test
    void sendsTheNextPipelinedRequestAfterTheResponseToTheOneBefore() {
        proxy.send(GET + "GET /second HTTP/1.1|Host: h||" + "GET /third HTTP/1.1|Host: h||");
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).doesNotContain("second");
        assertThat(proxy.client().config().isAutoRead()).isFalse();

        proxy.answer(backend, OK);
        assertThat(backend.sent()).contains("GET /second ").doesNotContain("third");
        proxy.answer(backend, OK);
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK + OK + OK);
        assertThat(proxy.client().config().isAutoRead()).isTrue();
    }

    @Test
    void goesOnBehindAnErrorPage() {
        proxy.send("GET / HTTP/1.1|Host: nobody||GET / HTTP/1.1|Host: __ping__||" + GET);

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got())
                .startsWith("HTTP/1.1 400 Bad Request|")
                .contains("frontend not foundHTTP/1.1 200 OK|content-type: text/plain|")
                .endsWith("||ok" + OK);
        assertThat(proxy.logged()).as("those that had a backend").containsExactly(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "GET / HTTP/1.1 > 400 > no host header > true",
                "GET / HTTP/1.1|Host: h|Host: h > 400 > more than one host header > false",
                "GET h HTTP/1.1|Host: h > 400 > malformed request target > false",
                "CONNECT a:443 HTTP/1.1|Host: h > 405 > CONNECT is not for a reverse proxy > false",
                "GET / HTTP/1.1|Host: h|Host : h > 400 > malformed header field > false",
                "PUT / HTTP/1.1|Host: h|Transfer-Encoding: gzip > 501 > unsupported transfer coding > false",
                "GET / HTTP/1.1|Host: nobody|Connection: close > 400 > frontend not found > false",
            })
    void answersWhatItRefuses(String request, int status, String message, boolean staysOpen) {
        proxy.send(request + "||");

        assertThat(proxy.got()).startsWith("HTTP/1.1 " + status + ' ').endsWith("||" + message);
        assertThat(proxy.client().isOutputShutdown()).isEqualTo(!staysOpen);
        assertThat(proxy.accessLog).isEmpty();
    }

    @Test
    void closesBehindAResponseWhereTheClientWantsIt() {
        proxy.send("GET / HTTP/1.0|Host: h||");

        proxy.answer(proxy.accept(), "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|0||");

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|Connection: close||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    @Test
    void makesChunksOfABodyThatEndsWithTheBackendsConnection() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.0 200 OK||ok");

        proxy.close(backend);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|0||");
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void tellsOfTheBackendWhenItIsAsked() {
        proxy.send("GET / HTTP/1.1|Host: h|X-Debug: 1||GET / HTTP/1.1|Host: nobody|X-Debug: 1||");

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got())
                .contains("x-debug-backend-url: http://b:81/|x-debug-backend-id: 0|x-debug-vhost: site|")
                .contains("x-debug-error: frontend not found|x-debug-version-hipache: 1.0||");
    }

    @Test
    void readsAndForgetsWhatComesBehindTheLastResponse() {
        proxy.send("GET / HTTP/1.1|Host: __ping__|Connection: close||" + GET);

        for (int i = 0; i < 4; i++) {
            proxy.send(LONG);
            proxy.passSeconds(1);
        }
        assertThat(proxy.bytesInBuffers()).isZero();
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.passSeconds(1);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.backends().connecting()).isZero();
    }

    @Test
    void givesASlowClientItsTimeForTheLastResponse() {
        proxy.client().stick();
        proxy.send("GET / HTTP/1.1|Host: __ping__|Connection: close||");

        proxy.passSeconds(15);
        assertThat(proxy.client().isOutputShutdown()).isFalse();
        proxy.client().unstick();

        assertThat(proxy.got()).endsWith("||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    // failures

    @Test
    void triesAnotherBackendWhereOneRefuses() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
        proxy.send(POST);
        int refusing = proxy.backends().next().port();
        proxy.backends().refuse();

        assertThat(proxy.backends().next().port()).isEqualTo(163 - refusing);
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).endsWith("\r\n\r\nbody");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths)
                .containsExactly(new DeadBackend("h", "http://b:" + refusing + "/", refusing - 81, 2));
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void givesUpAfterAsManyAttemptsAsItMayMake() {
        proxy.send(GET);

        for (int i = 0; i < 4; i++) {
            proxy.backends().refuse();
        }

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ").endsWith("||Reached max retries limit");
        assertThat(proxy.driver.deaths).as("of the only backend").isEmpty();
        assertThat(proxy.client().isOpen()).isTrue();
        assertThat(proxy.logged()).containsExactly(502);
    }

    @Test
    void givesUpAlsoWhereConnectingFailsAtOnce() {
        proxy.backends().refuseAtOnce();

        proxy.send(GET + GET);

        assertThat(proxy.got()).containsPattern("502 .*Reached max retries limit.*502 .*Reached max retries limit");
        assertThat(proxy.logged()).containsExactly(502, 502);
    }

    @Test
    void asksAgainOnAFreshConnectionWhereAUsedOneWasStale() {
        InMemoryChannel stale = afterOneExchange();
        proxy.send(GET);

        proxy.close(stale);
        InMemoryChannel fresh = proxy.accept();
        assertThat(fresh.sent()).startsWith("GET / ");
        proxy.answer(fresh, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void asksOnlyOnceMoreOnAFreshConnection() {
        InMemoryChannel stale = afterOneExchange();
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.send(GET);

        proxy.close(stale);
        proxy.close(proxy.accept());

        assertThat(proxy.driver.deaths).as("a fresh connection died").hasSize(1);
    }

    @Test
    void doesNotRepeatAPostThatWasSent() {
        InMemoryChannel stale = afterOneExchange();
        proxy.send(POST);

        proxy.close(stale);

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.backends().connecting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH|",
                "HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 2||",
                "HTTP/1.1 101 Switching Protocols|Upgrade: x||"
            })
    void doesNotPassOnWhatIsNoResponse(String garbage) {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, garbage);

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ").endsWith("||backend sent an invalid response");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOpen()).isTrue();
        assertThat(proxy.logged()).containsExactly(502);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 3||ok", "Transfer-Encoding: chunked||2|ok|"})
    void neverLetsABrokenResponseLookComplete(String start) {
        proxy.send(GET + GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|" + start);

        proxy.close(backend);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|" + start);
        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.logged()).containsExactly(200);
        assertThat(proxy.backends().connecting()).as("for the request behind").isZero();
    }

    @Test
    void cutsTheClientOffWhereAChunkedResponseTurnsIntoGarbage() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|");
        proxy.answer(backend, "zz|");

        assertThat(proxy.got()).endsWith("||2|ok|");
        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void takesNoBytesBehindAResponseForTheNextOne() {
        proxy.send(GET + GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, OK + "HTTP/1.1 200 OK|Content-Length: 6||poison");
        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK + OK);
        assertThat(backend.isOpen()).isFalse();
    }

    // a client that leaves

    @Test
    void forgetsAClientThatLeavesDuringTheLookUp() {
        proxy.driver.hold();
        proxy.send(POST);

        proxy.close(proxy.client());
        proxy.driver.answer();

        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.accessLog).isEmpty();
    }

    @Test
    void forgetsAClientThatLeavesWhileConnecting() {
        proxy.send(POST);

        proxy.close(proxy.client());
        InMemoryChannel idle = proxy.accept();

        assertThat(idle.sent()).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void closesTheBackendsConnectionWhenTheClientLeavesBeforeItsResponse() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||half");
        InMemoryChannel backend = proxy.accept();

        proxy.close(proxy.client());

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void closesTheBackendsConnectionWhenTheClientLeavesWithinItsResponse() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 9||half");

        proxy.close(proxy.client());

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void forgetsAClientThatLeavesBetweenTwoAttempts() {
        proxy.send(GET);
        proxy.driver.hold();
        proxy.backends().refuse();

        proxy.close(proxy.client());
        proxy.driver.answer();

        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.logged()).containsExactly(499);
    }

    // bodies of requests

    @Test
    void relaysChunksWithTheirTrailers() {
        proxy.send(CHUNKED + "2|ab|");
        InMemoryChannel backend = proxy.accept();
        proxy.send("3;x=y|cde|0|X-Sum: 1||");

        assertThat(backend.sent().replace("\r\n", "|"))
                .contains("Transfer-Encoding: chunked|")
                .endsWith("||2|ab|3|cde|0|X-Sum: 1||");
        proxy.answer(backend, OK);
        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void refusesAMalformedChunkAndLeavesTheBackend() {
        proxy.send(CHUNKED + "2|ab|");
        InMemoryChannel backend = proxy.accept();

        proxy.send("zz|" + GET);

        assertThat(proxy.got()).startsWith("HTTP/1.1 400 ").contains("connection: close|");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(proxy.logged()).containsExactly(400);
    }

    @Test
    void cutsOffAClientWhoseChunksTurnIntoGarbageWithinTheResponse() {
        proxy.send(CHUNKED + "2|ab|");
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 9||half");

        proxy.send("zz|");

        assertThat(proxy.got()).endsWith("||half");
        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void passesOnAnAnswerThatComesBeforeTheWholeRequest() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||half");
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, "HTTP/1.1 413 Too Large|Content-Length: 2||no");
        proxy.send("other half");

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 413 Too Large|Content-Length: 2||no");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(proxy.logged()).containsExactly(413);
    }

    @Test
    void goesOnReceivingTheBodyWhileTheResponseComes() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 8||half");
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 4||ha");

        proxy.send("half");
        proxy.answer(backend, "lf");

        assertThat(backend.sent()).endsWith("\r\n\r\nhalfhalf");
        assertThat(backend.isOpen()).isTrue();
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void passesOnThe100ThatAClientWaitsFor() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 4|Expect: 100-continue||");
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).contains("Expect: 100-continue\r\n");

        proxy.answer(backend, "HTTP/1.1 100 Continue||");
        assertThat(proxy.got()).isEqualTo("HTTP/1.1 100 Continue||");
        proxy.send("body");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void closesBehindAnAnswerInPlaceOfThe100() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 4|Expect: 100-continue||");

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).contains("Connection: close|");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    // back-pressure

    @Test
    void readsTheClientAgainAfterAnExchangeWhoseBackendWasFull() {
        InMemoryChannel backend = afterOneExchange();
        backend.stick();
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: " + LONG.length() + "||" + LONG);
        assertThat(proxy.client().config().isAutoRead()).isFalse();

        proxy.answer(backend, OK);

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.isOpen()).as("its request is not sent to the end").isFalse();
    }

    @Test
    void readsTheClientAgainWhenItsBackendTakesMore() {
        InMemoryChannel backend = afterOneExchange();
        backend.stick();
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: " + LONG.length() + "||" + LONG);

        backend.unstick();

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.sent()).endsWith(LONG);
    }

    @Test
    void holdsTheClientBackUntilItHasABackend() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: " + LONG.length() + "||" + LONG);
        assertThat(proxy.client().config().isAutoRead()).isFalse();

        InMemoryChannel backend = proxy.accept();

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.sent()).endsWith(LONG);
    }

    @Test
    void holdsTheBackendBackWhileItsClientIsFull() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.client().stick();

        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: " + (LONG.length() + 1) + "||" + LONG);
        assertThat(backend.config().isAutoRead()).isFalse();
        proxy.client().unstick();

        assertThat(backend.config().isAutoRead()).isTrue();
    }

    @Test
    void givesAConnectionBackThatIsRead() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.client().stick();

        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: " + LONG.length() + "||" + LONG);

        assertThat(backend.isOpen()).isTrue();
        assertThat(backend.config().isAutoRead()).isTrue();
    }

    // drain

    @Test
    void closesAnIdleConnectionToDrain() {
        afterOneExchange();

        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);

        assertThat(proxy.client().isOpen()).isFalse();
    }

    @Test
    void finishesWhatIsInFlightToDrain() {
        proxy.send(GET);
        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    private InMemoryChannel afterOneExchange() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        backend.sent();
        proxy.answer(backend, OK);
        assertThat(proxy.got()).isEqualTo(OK);
        return backend;
    }
}
