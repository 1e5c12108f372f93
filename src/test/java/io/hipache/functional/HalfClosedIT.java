package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.OutputEnd;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends one half of a connection, or an answer before its end. */
class HalfClosedIT {
    private static final BigBody LARGE = BigBody.ofMebibytes(32);
    private static final Duration STALL = Duration.ofMillis(500);

    @RegisterExtension
    static final TestHipache hipache = TestHipache.withTls("");

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
    void aClientThatSaysThatItsRequestIsTheLastOneIsNotWaitedFor() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

            assertThat(client.readResponse().body()).isEqualTo("hello");
            // sooner than the five seconds in which other clients have to end their part
            Awaitility.await().atMost(Duration.ofSeconds(4)).until(() -> hipache.openClients() == 0);
        }
    }

    @Test
    void whatAClientSendsBehindItsLastRequestMakesNoResetOfTheAnswer() {
        CompletableFuture<Boolean> sent = largeAnswer(Response.ok().body(LARGE));
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n" + "\r\nmore".repeat(1_000));

            readsSlowly(client, sent);
        }
    }

    @ParameterizedTest
    @MethodSource("large")
    void aClientThatEndsItsOutputAndReadsSlowlyGetsAllOfALargeAnswer(Response large) {
        CompletableFuture<Boolean> sent = largeAnswer(large);
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.get("a.example", "/").finishSending();

            readsSlowly(client, sent);
        }
    }

    @ParameterizedTest
    @MethodSource("endsOfTls")
    void aTlsClientThatEndsItsOutputAndReadsSlowlyGetsAllOfALargeAnswer(String protocol, OutputEnd end) {
        CompletableFuture<Boolean> sent = largeAnswer(Response.ok().chunked(LARGE));
        try (RawClient client = RawClient.connectTls(hipache.port(1), protocol)) {
            client.get("a.example", "/").end(end);

            readsSlowly(client, sent);
        }
    }

    static Stream<Response> large() {
        return Stream.of(
                Response.ok().body(LARGE),
                Response.ok().chunked(LARGE),
                Response.ok().untilClose(LARGE));
    }

    /** Completes when the backend has sent the answer. */
    private static CompletableFuture<Boolean> largeAnswer(Response large) {
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        hipache.backendOf("a.example", (request, wire) -> {
            large.answer(request, wire);
            sent.complete(true);
        });
        return sent;
    }

    /** Begins to read when all buffers on the way are full. */
    private static void readsSlowly(RawClient client, CompletableFuture<Boolean> sent) {
        Awaitility.await().during(STALL).until(() -> !sent.isDone());

        assertThat(client.readResponse().digest()).isEqualTo(LARGE.digest());
        client.expectClosedInOrder();
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

    @ParameterizedTest
    @MethodSource("endsOfTls")
    void aTlsClientThatEndsItsOutputBehindItsRequestsGetsAllAnswers(String protocol, OutputEnd end) {
        CountDownLatch asked = new CountDownLatch(1);
        String large = "x".repeat(200_000);
        TestBackend backend = hipache.backendOf("a.example", Response.ok(large).after(asked));
        try (RawClient client = RawClient.connectTls(hipache.port(1), protocol)) {
            client.get("a.example", "/1")
                    .get("__ping__", "/")
                    .send("POST /3 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody")
                    .end(end);
            backend.awaitRequest();
            asked.countDown();

            assertThat(client.readResponse().body()).isEqualTo(large);
            assertThat(client.readResponse().body()).isEqualTo("ok");
            assertThat(client.readResponse().body()).isEqualTo(large);
            client.expectClosedInOrder();
        }
    }

    /** The request, the goodbye and the FIN are read at once, and the answers are there before that read is over. */
    @ParameterizedTest
    @MethodSource("endsOfTls")
    void answersThatAreGatheredInTheReadOfTheGoodbyeAreNotLost(String protocol, OutputEnd end) {
        try (RawClient client = RawClient.connectTls(hipache.port(1), protocol)) {
            client.gather().get("__ping__", "/").get("__ping__", "/").end(end);

            assertThat(client.readResponse().body()).isEqualTo("ok");
            assertThat(client.readResponse().body()).isEqualTo("ok");
            client.expectClosedInOrder();
        }
    }

    /** A record of two bytes has the length of an alert, whose type TLS 1.3 hides. */
    @Test
    void whatOnlyLooksLikeAGoodbyeIsRead() {
        CountDownLatch asked = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").after(asked));
        try (RawClient client = RawClient.connectTls(hipache.port(1), "TLSv1.3")) {
            client.get("a.example", "/1");
            backend.awaitRequest();
            client.send("GE");
            asked.countDown();
            assertThat(client.readResponse().body()).isEqualTo("hello");
            client.send("T /2 HTTP/1.1\r\nHost: a.example\r\n\r\n").send("\r\n");

            assertThat(client.readResponse().body()).isEqualTo("hello");
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource("endsOfTls")
    void aTlsRequestThatNeverEndsDoesNotKeepTheConnection(String protocol, OutputEnd end) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = RawClient.connectTls(hipache.port(1), protocol)) {
            client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbo")
                    .end(end);

            assertThat(client.readToEnd()).doesNotContain("hello");
        }
    }

    static Stream<Arguments> endsOfTls() {
        return Stream.of("TLSv1.2", "TLSv1.3")
                .flatMap(protocol -> Stream.of(OutputEnd.values()).map(end -> Arguments.of(protocol, end)));
    }

    @ParameterizedTest
    @EnumSource
    void anHttp2ClientThatEndsItsOutputBehindItsRequestsGetsAllAnswers(OutputEnd end) {
        CountDownLatch asked = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").after(asked));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.gather()
                    .get(1, "a.example", "/1")
                    .get(3, "__ping__", "/")
                    .post(5, "a.example")
                    .data(5, true, "body")
                    .end(end);
            backend.awaitRequest();
            asked.countDown();

            assertThat(client.readResponse(3).body()).isEqualTo("ok");
            assertThat(client.readResponse(1).body()).isEqualTo("hello");
            assertThat(client.readResponse(5).body()).isEqualTo("hello");
            client.expectClosedInOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anHttp2AnswerThatIsGatheredInTheReadOfTheGoodbyeIsNotLost(OutputEnd end) {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.gather().get(1, "__ping__", "/").end(end);

            assertThat(client.readResponse(1).body()).isEqualTo("ok");
            client.expectClosedInOrder();
        }
    }

    @Test
    void anHttp2RequestThatNeverEndsIsLostAloneWhenTheOutputEnds() {
        CountDownLatch asked = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").after(asked));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/").post(3, "a.example").data(3, false, "bo");
            backend.awaitRequest();
            client.end(OutputEnd.FIN);

            assertThat(client.awaitReset(3)).isEqualTo(Frame.CANCEL);
            asked.countDown();
            assertThat(client.readResponse(1).body()).isEqualTo("hello");
            assertThat(client.awaitGoAway().error()).isEqualTo(Frame.NO_ERROR);
            client.expectClosedInOrder();
        }
    }

    @Test
    void anHttp2ClientThatEndsItsOutputWithoutARequestIsLetGo() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.await("SETTINGS", frame -> frame.type() == Frame.SETTINGS);
            client.end(OutputEnd.BOTH).expectClosedInOrder();
        }
    }

    @Test
    void clientsOfTlsThatAreGoneAreNoticedThoughTheyOnlyEndedTheirOutput() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());
        try (RawClient client = RawClient.connectTls(hipache.port(1), "TLSv1.3");
                FrameClient other = FrameClient.connect(hipache.port(1))) {
            client.get("a.example", "/").end(OutputEnd.BOTH);
            other.get(1, "a.example", "/").end(OutputEnd.BOTH);
            Awaitility.await().until(() -> backend.requests().size() == 2);

            Awaitility.await().until(() -> backend.openConnections() == 0);
        }
        assertThat(hipache.ends())
                .filteredOn(end -> end.reason() == EndReason.CLIENT_GONE)
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void aClientThatIsGoneIsNoticedThoughItOnlyEndedItsOutput() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());
        long began = System.nanoTime();
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/").finishSending();
            backend.awaitRequest();

            Awaitility.await().until(() -> backend.openConnections() == 0);
        }
        long noticedNanos = System.nanoTime() - began;
        assertThat(hipache.awaitAccessLog(1)).last().satisfies(end -> {
            assertThat(end.reason()).isEqualTo(EndReason.CLIENT_GONE);
            // the client left when it ended its output, not when that was taken for its end
            assertThat(end.totalNanos()).isLessThan(noticedNanos - ProxySettings.HALF_CLOSED.toNanos() / 2);
        });
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
