package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.LONG;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.hipache.upstream.InMemoryChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One request after the other, as it should be. */
class ExchangeTest {
    private final InMemoryProxy proxy;

    ExchangeTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

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
        InMemoryChannel backend = proxy.afterOneExchange();

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
                "PUT / HTTP/1.1|Host: h|Transfer-Encoding: gzip > 400 > transfer-encoding does not end in chunked > false",
                "GET / HTTP/1.1|Host: nobody|Connection: close > 400 > frontend not found > false",
            })
    void answersWhatItRefuses(String request, int status, String message, boolean staysOpen) {
        proxy.send(request + "||");

        assertThat(proxy.got()).startsWith("HTTP/1.1 " + status + ' ').endsWith("||" + message);
        assertThat(proxy.client().isOutputShutdown()).isEqualTo(!staysOpen);
        assertThat(proxy.accessLog()).isEmpty();
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
                .contains(
                        "x-debug-error: frontend not found|x-debug-reason: no_frontend|x-debug-version-hipache: 1.0||");
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

    @Test
    void tellsAnIdleClientWithItsNextAnswerThatItIsTheLastOne() {
        InMemoryChannel backend = proxy.afterOneExchange();

        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        assertThat(proxy.client().isOutputShutdown()).isFalse();
        proxy.send(GET);
        proxy.answer(backend, OK);

        assertThat(proxy.got()).endsWith("HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    @Test
    void endsAnIdleConnectionInOrderWhenItsTimeIsOver() {
        proxy.afterOneExchange();
        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);

        proxy.client().pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);

        // a request that crosses this is read, and not met by a reset
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.send(GET);
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void waitsAMomentForTheNextRequestThatALongResponseHadPromisedToTake() {
        InMemoryChannel backend = longResponseThatEndsWhenTheIdleTimeIsOver();

        proxy.send(GET);
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    @Test
    void waitsNoLongerThanThat() {
        longResponseThatEndsWhenTheIdleTimeIsOver();

        proxy.passSeconds(1);

        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }

    private InMemoryChannel longResponseThatEndsWhenTheIdleTimeIsOver() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        backend.sent();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 2||o");
        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        proxy.client().pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);
        proxy.answer(backend, "k");
        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.client().isOutputShutdown()).isFalse();
        return backend;
    }

    @Test
    void finishesWhatIsInFlightToDrain() {
        proxy.send(GET);
        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
    }
}
