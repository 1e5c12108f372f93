package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.testing.Drip;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends one half of a connection, or an answer before its end. */
class HalfClosedIT {
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

    @Test
    void aClientThatEndsItsOutputBehindItsRequestsGetsAllAnswers() {
        CountDownLatch asked = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").after(asked));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/1")
                    .get("__ping__", "/")
                    .get("a.example", "/2")
                    .send("POST /3 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody")
                    .finishSending();
            backend.awaitRequest();
            asked.countDown();

            assertThat(client.readResponse().body()).isEqualTo("hello");
            assertThat(client.readResponse().body()).isEqualTo("ok");
            assertThat(client.readResponse().body()).isEqualTo("hello");
            assertThat(client.readResponse().body()).isEqualTo("hello");
            client.expectClosedInOrder();
        }
    }

    @Test
    void aClientOfHttp10ThatEndsItsOutputGetsItsAnswer() {
        hipache.backendOf("a.example", Response.ok().chunked("hello", "you"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n").finishSending();

            assertThat(client.readResponse().body()).isEqualTo("helloyou");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET / HTTP/1.1\r\nHost: a.ex",
                "GET / HTTP/1.1\r\nHost: __ping__\r\n\r\nGET",
                "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbo"
            })
    void aRequestThatNeverEndsDoesNotKeepTheConnection(String sent) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send(sent).finishSending();

            assertThat(client.readToEnd()).doesNotContain("hello");
        }
    }

    @Test
    void aClientThatIsGoneIsNoticedThoughItOnlyEndedItsOutput() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/").finishSending();
            backend.awaitRequest();

            Awaitility.await().until(() -> backend.openConnections() == 0);
        }
        assertThat(hipache.awaitAccessLog(1)).last().satisfies(end -> assertThat(end.reason())
                .isEqualTo(EndReason.CLIENT_GONE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatBreaksOffEndsInOrderWhereItsFramingShowsIt(boolean chunked) {
        Drip drip = new Drip();
        hipache.backendOf(
                "a.example", chunked ? Response.ok().from(drip) : Response.ok().from(drip, 10));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/").readHead();
            drip.send("half");
            client.readUntil("half");
            drip.cut();

            client.expectClosedInOrder();
        }
    }
}
