package io.hipache.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TestBackendTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final TestBackend backend = TestBackend.named("one");
    private final RawClient client = RawClient.connect(backend.port());

    @AfterEach
    void closeBoth() {
        client.close();
        backend.close();
    }

    @Test
    void keepsConnectionsAndCountsThem() {
        client.send(GET + GET);

        assertThat(client.readResponse().body()).isEqualTo("one");
        assertThat(client.readResponse().status()).isEqualTo(200);
        assertThat(backend.requests()).extracting(ReceivedRequest::connection).containsExactly(1, 1);
        assertThat(backend.connections()).isEqualTo(1);
        assertThat(backend.openConnections()).isEqualTo(1);

        client.close();

        await().untilAsserted(() -> assertThat(backend.openConnections()).isZero());
    }

    @Test
    void remembersHeadsByteForByteAndBodies() {
        client.send("POST /x?y=\u00e9 HTTP/1.1\r\nHOST:a\r\nX-a: 1\r\nx-A:  2 \r\ncontent-length: 5\r\n\r\nhello");
        client.readResponse();

        ReceivedRequest request = backend.awaitRequest();

        assertThat(request.head().headerLines()).containsExactly("HOST:a", "X-a: 1", "x-A:  2 ", "content-length: 5");
        assertThat(request.target()).isEqualTo("/x?y=\u00e9");
        assertThat(request.headers("x-a")).containsExactly("1", "2");
        assertThat(request.body()).isEqualTo("hello");
    }

    @Test
    void doesOneThingAfterTheOtherAndThenTheUsual() {
        backend.answersNext(Response.status(500), Response.status(503));

        List<Integer> statuses = Stream.generate(
                        () -> client.send(GET).readResponse().status())
                .limit(3)
                .toList();

        assertThat(statuses).containsExactly(500, 503, 200);
    }

    @Test
    void refusesUntilItIsMended() {
        backend.misbehaves(new Misbehaviour.Refuse());

        client.expectClosed();
        assertThatThrownBy(() -> RawClient.connect(backend.port()))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(ConnectException.class);

        backend.answers(Response.ok("again"));

        try (RawClient other = RawClient.connect(backend.port())) {
            assertThat(other.get("a", "/").readResponse().body()).isEqualTo("again");
        }
    }

    @ParameterizedTest
    @MethodSource
    void framesBodiesAsTold(Response response, String framing) {
        backend.answers(response);

        ReceivedResponse received = client.send(GET).readResponse();

        assertThat(received.head().headerLines())
                .containsExactlyElementsOf(framing.lines().toList());
        assertThat(received.body()).isEqualTo("hello world");
    }

    static Stream<Arguments> framesBodiesAsTold() {
        return Stream.of(
                arguments(Response.ok("hello world"), "content-length: 11"),
                arguments(Response.ok().chunked("hello ", "world"), "transfer-encoding: chunked"),
                arguments(Response.ok().untilClose("hello world"), ""),
                arguments(Response.ok().http10().untilClose("hello world"), ""),
                arguments(Response.ok("hello world").closing(), "content-length: 11\nconnection: close"));
    }

    @Test
    void sendsTrailers() {
        backend.answers(Response.ok().chunked("hello").trailer("x-sum", "5"));

        assertThat(client.send(GET).readResponse().trailers()).containsExactly("x-sum: 5");
    }

    @Test
    void sendsNoBodyToHead() {
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(client.readResponseToHead().header("content-length")).isEqualTo("3");
        assertThat(client.send(GET).readResponse().body()).isEqualTo("one");
    }

    @Test
    void continuesARequestThatExpectsIt() {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\ncontent-length: 2\r\n\r\n");

        assertThat(client.readResponse().status()).isEqualTo(100);
        assertThat(client.send("ok").readResponse().body()).isEqualTo("one");
    }

    @Test
    void dripsWhatTheTestSends() {
        Drip drip = new Drip();
        backend.answers(Response.ok().from(drip));
        client.send(GET).readHead();

        drip.send("one");
        assertThat(client.readBytes(8)).isEqualTo("3\r\none\r\n");

        drip.send("two").end();
        assertThat(client.readUntil("0\r\n\r\n")).isEqualTo("3\r\ntwo\r\n0\r\n\r\n");
    }

    @Test
    void noticesThatTheReceiverOfADripLeaves() {
        Drip drip = new Drip();
        backend.answers(Response.ok().from(drip));
        client.send(GET).readHead();

        client.close();

        drip.awaitAbandoned();
    }

    @Test
    void echoesABigBodyWithoutKeepingIt() {
        BigBody body = BigBody.ofMebibytes(32);
        backend.answers(Response.ok().echo());
        client.send("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n");
        CompletableFuture<ReceivedResponse> response = CompletableFuture.supplyAsync(client::readResponse);

        client.sendChunked(body);

        assertThat(response.join().digest()).isEqualTo(body.digest());
        assertThat(backend.awaitRequest().digest()).isEqualTo(body.digest());
        assertThatThrownBy(() -> backend.requests().get(0).bodyBytes()).isInstanceOf(AssertionError.class);
    }

    @Test
    void leavesTheBodyInTheSocketUntilTheTestLetsItRead() {
        CountDownLatch latch = new CountDownLatch(1);
        backend.answers(Response.ok("read").readingAfter(latch));
        client.send("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nhello");

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.bodyBytesSoFar()).isZero();

        latch.countDown();
        assertThat(client.readResponse().body()).isEqualTo("read");
        assertThat(request.bodyBytesSoFar()).isEqualTo(5);
    }

    @Test
    void tellsThatABodyBrokeOff() {
        client.send("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nhel");

        ReceivedRequest request = backend.awaitRequest();
        client.close();

        request.awaitBrokenBody();
    }

    @Test
    void failsTheTestThatSendsItAMalformedRequest() throws IOException {
        TestBackend strict = TestBackend.start();
        try (RawClient other = RawClient.connect(strict.port())) {
            other.send("GET / HTTP/1.1\r\nno colon\r\n\r\n").expectClosed();
        }

        assertThatThrownBy(strict::close).isInstanceOf(AssertionError.class);
    }

    @Test
    void aDeadAddressRefuses() {
        assertThatThrownBy(() -> RawClient.connect(DeadAddress.port())).hasCauseInstanceOf(ConnectException.class);
    }

    private static Arguments arguments(Object... arguments) {
        return Arguments.of(arguments);
    }
}
