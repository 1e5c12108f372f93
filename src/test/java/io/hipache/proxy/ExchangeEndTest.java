package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.AdmissionLimits;
import io.hipache.net.DrainRequested;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.hipache.proxy.http1.PlainRefusal;
import io.hipache.testing.RecordedLog;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.UpstreamFailure;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a request can end is reported, once, with its reason. */
class ExchangeEndTest {
    private static final Map<EndReason, Consumer<InMemoryProxy>> WAYS = new EnumMap<>(EndReason.class);

    static {
        WAYS.put(EndReason.ANSWERED, proxy -> {
            proxy.send(GET);
            proxy.answer(proxy.accept(), OK);
        });
        WAYS.put(EndReason.PING, proxy -> proxy.send("GET / HTTP/1.1|Host: __ping__||"));
        WAYS.put(EndReason.READY, proxy -> proxy.send("GET / HTTP/1.1|Host: __ready__||"));
        WAYS.put(EndReason.DRAINING, proxy -> {
            proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
            proxy.send("GET / HTTP/1.1|Host: __ready__||");
        });
        WAYS.put(EndReason.MAX_FORWARDS, proxy -> proxy.send("OPTIONS * HTTP/1.1|Host: h|Max-Forwards: 0||"));
        WAYS.put(EndReason.TUNNEL_CLOSED, proxy -> proxy.close(proxy.tunnel()));
        WAYS.put(EndReason.MALFORMED_REQUEST, proxy -> proxy.send("GET / HTTP/1.1|Host : h||"));
        WAYS.put(EndReason.HEAD_TOO_LARGE, proxy -> proxy.send("GET /" + "x".repeat(33 * 1024) + " HTTP/1.1||"));
        WAYS.put(
                EndReason.UNSUPPORTED_CODING,
                proxy -> proxy.send("PUT / HTTP/1.1|Host: h|Transfer-Encoding: gzip, chunked||"));
        WAYS.put(EndReason.METHOD_REFUSED, proxy -> proxy.send("CONNECT a:443 HTTP/1.1|Host: h||"));
        WAYS.put(
                EndReason.PLAIN_HTTP_ON_TLS_PORT,
                proxy -> PlainRefusal.answer(
                        proxy.services(),
                        proxy.client(),
                        Clients.identity(proxy.client(), true, false),
                        Unpooled.EMPTY_BUFFER));
        WAYS.put(EndReason.NO_HOST, proxy -> proxy.send("GET / HTTP/1.1||"));
        WAYS.put(EndReason.MALFORMED_HOST, proxy -> proxy.send("GET / HTTP/1.1|Host: a/b||"));
        WAYS.put(EndReason.LOOP_DETECTED, proxy -> proxy.send("GET / HTTP/1.1|Host: h|Via: 1.1 fleet||"));
        WAYS.put(EndReason.NO_FRONTEND, proxy -> proxy.send("GET / HTTP/1.1|Host: nobody||"));
        WAYS.put(EndReason.NO_LIVE_BACKEND, proxy -> {
            proxy.driver.dead(0);
            proxy.send(GET);
        });
        WAYS.put(EndReason.INVALID_BACKEND, proxy -> {
            proxy.driver.frontend("h", "site", "junk");
            proxy.send(GET);
        });
        WAYS.put(EndReason.STORE_AWAY, proxy -> {
            proxy.driver.goAway();
            proxy.send(GET);
        });
        WAYS.put(EndReason.STORE_TOO_LARGE, proxy -> {
            proxy.driver.growTooLarge();
            proxy.send(GET);
        });
        WAYS.put(EndReason.STORE_WRONG_TYPE, proxy -> {
            proxy.driver.becomeOfTheWrongType();
            proxy.send(GET);
        });
        WAYS.put(EndReason.INTERNAL_ERROR, proxy -> {
            proxy.driver.breakFrontend("h");
            proxy.send(GET);
        });
        for (EndReason reason : List.of(
                EndReason.CONNECT_REFUSED,
                EndReason.CONNECT_TIMED_OUT,
                EndReason.BACKEND_UNREACHABLE,
                EndReason.NAME_UNKNOWN,
                EndReason.BACKEND_TLS_FAILED,
                EndReason.CONNECT_FAILED)) {
            WAYS.put(reason, proxy -> failToConnect(proxy, new UpstreamFailure.NotConnected(reason, "test")));
        }
        WAYS.put(EndReason.RESOLVER_BUSY, proxy -> failToConnect(proxy, new UpstreamFailure.NotLookedUp("too many")));
        WAYS.put(EndReason.NO_SOCKET_LEFT, proxy -> failToConnect(proxy, new UpstreamFailure.NoSocketLeft("EMFILE")));
        WAYS.put(EndReason.SOCKETS_FULL, proxy -> failToConnect(proxy, new UpstreamFailure.NoFreeSocket("full")));
        WAYS.put(EndReason.BACKEND_DROPPED, proxy -> {
            proxy.send("POST / HTTP/1.1|Host: h|Content-Length: 0||");
            proxy.close(proxy.accept());
        });
        WAYS.put(EndReason.BACKEND_SILENT, proxy -> {
            proxy.send(GET);
            proxy.accept();
            proxy.passSeconds(20);
        });
        WAYS.put(EndReason.INVALID_RESPONSE, proxy -> {
            proxy.send(GET);
            proxy.answer(proxy.accept(), "SSH-2.0-OpenSSH||");
        });
        WAYS.put(EndReason.RESPONSE_BROKEN, proxy -> {
            proxy.send(GET);
            InMemoryChannel backend = proxy.accept();
            proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 9||half");
            proxy.close(backend);
        });
        WAYS.put(EndReason.STALLED, proxy -> {
            proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||half");
            proxy.accept();
            proxy.passSeconds(20);
        });
        WAYS.put(EndReason.CLIENT_GONE, proxy -> {
            proxy.send(GET);
            proxy.accept();
            proxy.close(proxy.client());
        });
        WAYS.put(EndReason.WORKER_FAILED, proxy -> {
            proxy.send(GET);
            proxy.accept().pipeline().fireExceptionCaught(new IllegalStateException("test"));
        });
        // as the acceptor of a worker does, before there is a proxy
        WAYS.put(EndReason.LIMIT_CONNECTIONS, proxy -> proxy.services()
                .ends()
                .accept(UnreadableRequest.end(
                        Clients.identity(proxy.client(), true, false), "", 503, EndReason.LIMIT_CONNECTIONS, 0, 0)));
        WAYS.put(EndReason.LIMIT_REQUESTS, proxy -> {
            proxy.admission.admitRequest(0, "other");
            proxy.send(GET);
            proxy.admission.requestEnded(0);
        });
        WAYS.put(EndReason.LIMIT_BODY_RATE, proxy -> {
            proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||");
            proxy.accept();
            for (int i = 0; i < 3; i++) {
                proxy.send("x");
                proxy.passSeconds(10);
            }
        });
        WAYS.put(EndReason.LIMIT_MEMORY, proxy -> {
            proxy.send(GET);
            proxy.accept().pipeline().fireExceptionCaught(new OutOfMemoryError("direct"));
        });
    }

    /** One request at a time, and a byte of a body in a second. */
    private static final AdmissionLimits LIMITS = new AdmissionLimits(
            Integer.MAX_VALUE,
            1,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            1 << 20,
            1,
            Integer.MAX_VALUE);

    private final InMemoryProxy proxy;

    ExchangeEndTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages, LIMITS);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    @ParameterizedTest
    @EnumSource(EndReason.class)
    void isReportedOnceForEveryWayARequestCanEnd(EndReason reason) {
        end(reason);
        proxy.close(proxy.client());

        assertThat(proxy.ends).hasSize(1);
        ExchangeEnd end = proxy.ends.get(0);
        assertThat(end.reason()).isEqualTo(reason);
        assertThat(end.listener()).endsWith(":8080");
        assertThat(end.totalNanos()).isGreaterThanOrEqualTo(end.lookupNanos());
        if (end.hadBackend()) {
            assertThat(end.virtualHost()).isEqualTo("site");
            assertThat(end.lastAttempt().reason()).isEqualTo(reason);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = EndReason.class,
            names = {"LOOP_DETECTED", "LIMIT_REQUESTS", "MAX_FORWARDS"})
    void namesTheHostOfARequestThatWasOverBeforeALookup(EndReason reason) {
        end(reason);
        proxy.close(proxy.client());

        assertThat(proxy.ends.get(0).requestedHost()).isEqualTo("h");
    }

    @Test
    void letsGoOfTheLookupOfAClientThatLeft() {
        proxy.driver.breakFrontend("h");
        proxy.driver.hold();
        proxy.send(GET);

        try (RecordedLog log = RecordedLog.of("io.hipache.routing")) {
            proxy.close(proxy.client());
            proxy.driver.answer();

            assertThat(log.lines()).as("nobody reads the broken frontend").isEmpty();
        }
        assertThat(proxy.ends).extracting(ExchangeEnd::reason).containsExactly(EndReason.CLIENT_GONE);
    }

    @Test
    void tellsOfEachAttemptAndOfTheBackendThatAnswered() {
        proxy.driver.frontend("*.example", "shop", "http://one:81", "http://two:82");

        proxy.send("PUT /x HTTP/1.1|Host: a.Example:8080|Content-Length: 4|User-Agent: test||body");
        proxy.backends().refuse();
        proxy.answer(proxy.accept(), OK);

        ExchangeEnd end = proxy.ends.get(0);
        assertThat(end.protocol()).isEqualTo("HTTP/1.1");
        assertThat(end.clientAddress()).isEqualTo("::ffff:127.0.0.1");
        assertThat(end.requestLine()).isEqualTo("PUT /x HTTP/1.1");
        assertThat(end.requestedHost()).isEqualTo("a.example");
        assertThat(end.frontendKey()).isEqualTo("*.example");
        assertThat(end.virtualHost()).isEqualTo("shop");
        assertThat(end.userAgent()).isEqualTo("test");
        assertThat(end.status()).isEqualTo(200);
        assertThat(end.attempts())
                .extracting(AttemptOutcome::reason)
                .containsExactly(EndReason.CONNECT_REFUSED, EndReason.ANSWERED);
        assertThat(end.attempts())
                .extracting(AttemptOutcome::backendUrl)
                .containsExactlyInAnyOrder("http://one:81/", "http://two:82/");
        AttemptOutcome answered = end.lastAttempt();
        assertThat(answered.connectNanos()).isPositive();
        assertThat(answered.waitNanos()).isNotNegative();
        assertThat(answered.firstByteNanos()).isPositive();
        assertThat(answered.totalNanos())
                .isGreaterThanOrEqualTo(answered.waitNanos() + answered.connectNanos() + answered.firstByteNanos());
        assertThat(end.bytes()).isEqualTo(Heads.lines(OK).length());
        assertThat(end.bytesReceived())
                .isEqualTo(Heads.lines("PUT /x HTTP/1.1Host: a.Example:8080|Content-Length: 4|User-Agent: test|")
                                .length()
                        + "body".length());
    }

    /** As {@code %b} of Apache and {@code $body_bytes_sent} of nginx count. */
    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.1|Host: h||, HTTP/1.1 200 OK|Content-Length: 4||body, 4",
        "GET / HTTP/1.1|Host: h||, HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|body|3|end|0||, 7",
        "HEAD / HTTP/1.1|Host: h||, HTTP/1.1 200 OK|Content-Length: 4||, 0",
        "GET / HTTP/1.1|Host: h||, HTTP/1.1 304 Not Modified||, 0",
        "GET / HTTP/1.1|Host: h||, HTTP/1.1 103 Early Hints|Link: a||HTTP/1.1 200 OK|Content-Length: 4||body, 4"
    })
    void countsTheBytesOfTheBodyAlone(String request, String answer, int bytes) {
        proxy.send(request);
        proxy.answer(proxy.accept(), answer);

        assertThat(proxy.ends.get(0).bodyBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1|Host: nobody||", "GET / HTTP/1.1|Host : h||"})
    void countsTheBytesOfAPageOfItsOwn(String request) {
        proxy.send(request);

        String got = proxy.got();
        assertThat(proxy.ends.get(0).bodyBytes())
                .isEqualTo(got.substring(got.indexOf("||") + 2)
                        .replace("|", "\r\n")
                        .length())
                .isPositive();
    }

    @Test
    void tellsWhichHostHadNoFrontend() {
        proxy.send("GET / HTTP/1.1|Host: Nobody.example.||");

        assertThat(proxy.ends.get(0).requestedHost()).isEqualTo("nobody.example");
        assertThat(proxy.ends.get(0).status()).isEqualTo(400);
        assertThat(proxy.ends.get(0).bytes())
                .isEqualTo(proxy.got().replace("|", "\r\n").length());
    }

    @Test
    void tellsWhichSiteHasNoLiveBackend() {
        proxy.driver.dead(0);

        proxy.send(GET);

        assertThat(proxy.ends.get(0).virtualHost()).isEqualTo("site");
        assertThat(proxy.ends.get(0).hadBackend()).isFalse();
    }

    @Test
    void tellsTheStatusThatAClientSawBeforeItWasCutOff() {
        end(EndReason.RESPONSE_BROKEN);

        assertThat(proxy.ends.get(0).status()).isEqualTo(200);
    }

    @Test
    void tellsTheBytesOfATunnelInBothDirections() {
        InMemoryChannel backend = proxy.tunnel();
        int request = Heads.lines(InMemoryProxy.ASK).length() - "\r\n\r\n".length();

        proxy.send("123");
        proxy.answer(backend, "12345");
        proxy.close(backend);
        proxy.close(proxy.client());

        ExchangeEnd end = proxy.ends.get(0);
        assertThat(end.bytes()).isEqualTo(Heads.lines(InMemoryProxy.GRANT).length() + 5);
        assertThat(end.bodyBytes()).isEqualTo(5);
        assertThat(end.bytesReceived()).isEqualTo(request + 3L);
    }

    @Test
    void hasWordsThatNeverChange() {
        assertThat(EndReason.NO_FRONTEND.word()).isEqualTo("no_frontend");
        assertThat(EndReason.PLAIN_HTTP_ON_TLS_PORT.word()).isEqualTo("plain_http_on_tls_port");
    }

    /** Has a request end in this way. */
    private void end(EndReason reason) {
        Consumer<InMemoryProxy> way = WAYS.get(reason);
        if (way == null) {
            throw new AssertionError("this test does not know how a request ends in " + reason);
        }
        way.accept(proxy);
    }

    private static void failToConnect(InMemoryProxy proxy, UpstreamFailure failure) {
        proxy.send(GET);
        while (proxy.backends().connecting() > 0) {
            proxy.backends().fail(failure);
        }
    }
}
