package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.LONG;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.upstream.InMemoryChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies of requests, and sides that take no more. */
class ExchangeBodyTest {
    private static final String CHUNKED = "PUT / HTTP/1.1|Host: h|Transfer-Encoding: chunked||";

    private final InMemoryProxy proxy;

    ExchangeBodyTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

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
        assertThat(proxy.client().isOutputShutdown()).isTrue();
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

    @Test
    void readsTheClientAgainAfterAnExchangeWhoseBackendWasFull() {
        InMemoryChannel backend = proxy.afterOneExchange();
        backend.stick();
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: " + LONG.length() + "||" + LONG);
        assertThat(proxy.client().config().isAutoRead()).isFalse();

        proxy.answer(backend, OK);

        assertThat(proxy.client().config().isAutoRead()).isTrue();
        assertThat(backend.isOpen()).as("its request is not sent to the end").isFalse();
    }

    @Test
    void readsTheClientAgainWhenItsBackendTakesMore() {
        InMemoryChannel backend = proxy.afterOneExchange();
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
}
