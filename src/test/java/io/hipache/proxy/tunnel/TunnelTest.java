package io.hipache.proxy.tunnel;

import static io.hipache.proxy.InMemoryProxy.ASK;
import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.GRANT;
import static io.hipache.proxy.InMemoryProxy.LONG;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.RequestDecoder;
import io.hipache.http.ResponseDecoder;
import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.Heads;
import io.hipache.proxy.InMemoryProxy;
import io.hipache.proxy.http1.Http1ClientConnection;
import io.hipache.upstream.InMemoryChannel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows a 101 that was asked for, and what follows everything else. */
class TunnelTest {
    private final InMemoryProxy proxy;

    TunnelTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    @Test
    void passesBytesInBothDirectionsBehindA101() {
        InMemoryChannel backend = proxy.tunnel();

        proxy.send("GET / is not");
        proxy.answer(backend, "HTTP/1.1 is not");

        assertThat(backend.sent()).isEqualTo("GET / is not");
        assertThat(proxy.got()).isEqualTo("HTTP/1.1 is not");
    }

    @Test
    void losesNoByteThatCameWithTheHandshake() {
        proxy.send(ASK + "early");
        InMemoryChannel backend = proxy.accept();
        proxy.send(" bird");
        assertThat(backend.sent()).startsWith("GET /chat ").endsWith("Upgrade: websocket\r\n\r\n");

        proxy.answer(backend, GRANT + "hello");

        assertThat(backend.sent()).isEqualTo("early bird");
        assertThat(proxy.got()).isEqualTo(GRANT + "hello");
        assertThat(proxy.client().config().isAutoRead()).isTrue();
    }

    @Test
    void tellsOfTheBackendWhenItIsAsked() {
        proxy.send(ASK.replace("||", "|X-Debug: 1||"));

        proxy.answer(proxy.accept(), GRANT);

        assertThat(proxy.got())
                .startsWith("HTTP/1.1 101 Switching Protocols|")
                .contains("|Connection: Upgrade|Upgrade: websocket|")
                .contains("x-debug-backend-url: http://b:81/|");
    }

    @Test
    void takesTheCodecsOutOfTheWay() {
        InMemoryChannel backend = proxy.tunnel();

        assertThat(proxy.client().pipeline().get(RequestDecoder.class)).isNull();
        assertThat(proxy.client().pipeline().get(Http1ClientConnection.class)).isNull();
        assertThat(backend.pipeline().get(ResponseDecoder.class)).isNull();
        assertThat(backend.pipeline().names())
                .hasSize(proxy.client().pipeline().names().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OK,
                "HTTP/1.1 426 Upgrade Required|Content-Length: 0||",
                "HTTP/1.1 200 OK|Connection: Upgrade|Upgrade: websocket|Content-Length: 2||ok"
            })
    void goesOnWithHttpBehindEveryOtherAnswer(String answer) {
        proxy.send(ASK + GET);
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).doesNotContain("GET / ");

        proxy.answer(backend, answer);
        assertThat(proxy.got()).startsWith(answer.substring(0, 12)).doesNotContain("Upgrade: ");
        assertThat(backend.sent()).startsWith("GET / HTTP/1.1\r\nHost: h\r\nx-forwarded-for: ");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.logged()).hasSize(2);
    }

    @Test
    void passesOnA100AndThenTheTunnel() {
        proxy.send(ASK);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, "HTTP/1.1 103 Early Hints||" + GRANT);
        proxy.send("bytes");

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 103 Early Hints||" + GRANT);
        assertThat(backend.sent()).endsWith("\r\n\r\nbytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 x|Connection: Upgrade|Upgrade: h2c||",
                "HTTP/1.1 101 x|Connection: Upgrade||",
            })
    void takesA101ToAnotherProtocolForABrokenAnswer(String answer) {
        proxy.send(ASK);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, answer);

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 Bad Gateway|");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void doesNotAskForH2c() {
        proxy.send("GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AA||");
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).doesNotContainIgnoringCase("upgrade").doesNotContainIgnoringCase("http2");

        proxy.answer(backend, "HTTP/1.1 101 x|Connection: Upgrade|Upgrade: h2c||");

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 Bad Gateway|");
    }

    @Test
    void readsNoFasterThanTheClientTakes() {
        InMemoryChannel backend = proxy.tunnel();
        proxy.client().stick();

        proxy.answer(backend, LONG);
        assertThat(backend.config().isAutoRead()).isFalse();
        proxy.client().unstick();

        assertThat(backend.config().isAutoRead()).isTrue();
        assertThat(proxy.got()).isEqualTo(LONG);
    }

    @Test
    void readsNoFasterThanTheBackendTakes() {
        InMemoryChannel backend = proxy.tunnel();
        backend.stick();

        proxy.send(LONG);
        assertThat(proxy.client().config().isAutoRead()).isFalse();
        backend.unstick();

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.sent()).isEqualTo(LONG);
    }

    @Test
    void readsNoFasterFromTheFirstByteOn() {
        proxy.send(ASK);
        InMemoryChannel backend = proxy.accept();
        proxy.client().stick();

        proxy.answer(backend, GRANT + LONG);

        assertThat(backend.config().isAutoRead()).isFalse();
        proxy.client().unstick();
        assertThat(proxy.got()).isEqualTo(GRANT + LONG);
    }

    @Test
    void carriesTheEndOfTheClientsHalfOver() {
        InMemoryChannel backend = proxy.tunnel();

        proxy.send("last");
        proxy.client().finishReceiving();
        assertThat(backend.sent()).isEqualTo("last");
        assertThat(backend.isOutputShutdown()).isTrue();
        proxy.answer(backend, "answer");
        assertThat(proxy.got()).isEqualTo("answer");
        backend.finishReceiving();

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void carriesTheEndOfTheBackendsHalfOverBehindAllItsBytes() {
        InMemoryChannel backend = proxy.tunnel();
        proxy.client().stick();
        proxy.answer(backend, "last");

        backend.finishReceiving();
        assertThat(proxy.client().isOutputShutdown()).isFalse();
        proxy.client().unstick();

        assertThat(proxy.got()).isEqualTo("last");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        proxy.send("answer");
        assertThat(backend.sent()).isEqualTo("answer");
    }

    @Test
    void cutsTheClientOffWhenTheBackendIsReset() {
        InMemoryChannel backend = proxy.tunnel();

        backend.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        proxy.client().runPendingTasks();

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.client().isOutputShutdown()).as("before that").isTrue();
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void cutsTheBackendOffWhenTheClientIsReset() {
        InMemoryChannel backend = proxy.tunnel();

        proxy.client().pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.logged()).containsExactly(101);
    }

    @Test
    void letsTheClientLeaveBehindABackendThatIsGone() {
        InMemoryChannel backend = proxy.tunnel();
        proxy.answer(backend, "bye");

        proxy.close(backend);
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        proxy.send(LONG);
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.passSeconds(5);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.got()).isEqualTo("bye");
    }

    @Test
    void throwsAwayWhatABackendThatReadsNoMoreIsSent() {
        InMemoryChannel backend = proxy.tunnel();

        backend.shutdownOutput();
        proxy.send(LONG);
        proxy.answer(backend, "bye");

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.sent()).isEmpty();
        assertThat(proxy.got()).isEqualTo("bye");
    }

    @Test
    void outlivesTheTimeoutOfRequests() {
        InMemoryChannel backend = proxy.tunnel();

        proxy.passSeconds(59);
        proxy.answer(backend, "x");
        proxy.passSeconds(59);
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.passSeconds(1);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void waitsForTheSecondHalfNoLongerThanForARequest() {
        InMemoryChannel backend = proxy.tunnel();
        proxy.client().finishReceiving();

        proxy.passSeconds(19);
        proxy.answer(backend, "x");
        proxy.passSeconds(19);
        assertThat(backend.isOpen()).isTrue();
        proxy.passSeconds(1);

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOpen()).isFalse();
    }

    @Test
    void isLeftAloneByADrain() {
        InMemoryChannel backend = proxy.tunnel();

        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        proxy.client().pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);
        proxy.send("still here");
        assertThat(backend.sent()).isEqualTo("still here");
        proxy.close(proxy.client());

        assertThat(backend.isOutputShutdown()).isTrue();
    }

    @Test
    void isLoggedAtItsEndWithItsBytesAndItsTime() {
        InMemoryChannel backend = proxy.tunnel();
        proxy.send("12");
        proxy.answer(backend, "12345");
        assertThat(proxy.accessLog()).isEmpty();

        backend.finishReceiving();
        proxy.client().finishReceiving();

        ExchangeEnd line = proxy.accessLog().get(0);
        assertThat(proxy.accessLog()).hasSize(1);
        assertThat(line.status()).isEqualTo(101);
        assertThat(line.requestLine()).isEqualTo("GET /chat HTTP/1.1");
        assertThat(line.bytes()).isEqualTo(Heads.lines(GRANT).length() + 5);
        assertThat(line.totalNanos()).isPositive().isGreaterThanOrEqualTo(line.backendNanos());
    }
}
