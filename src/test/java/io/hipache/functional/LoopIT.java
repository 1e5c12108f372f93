package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.outcome.EndReason;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backend that leads back to this fleet costs one hop, not as many as there are descriptors. */
class LoopIT {
    private static final String HOST = "loop.example";

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = listeningEverywhere("us");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    /** A client has its answer a moment before the end of its request is told. This one is told behind all before it. */
    @BeforeEach
    void emptyStoreAndAwaitTheEndsOfOtherTests() {
        hipache.redis().flush();
        String last = "/" + UUID.randomUUID();
        try (RawClient client = hipache.client()) {
            client.get("nobody.example", last).readResponse();
        }
        await().until(() ->
                hipache.ends().stream().anyMatch(end -> end.requestLine().contains(last)));
    }

    @Test
    void ownListenersAsBackendsEndInOneHop() {
        String[] own = IntStream.rangeClosed(1, 60)
                .mapToObj(i -> "http://127.0.0." + i + ":" + hipache.port())
                .toArray(String[]::new);
        hipache.host(HOST).lists(own);
        int before = ends();

        ReceivedResponse response = hipache.host(HOST).gets(508);

        assertThat(response.status()).isEqualTo(508);
        assertOneHop(before);
    }

    @Test
    void theyDoOverTlsToo() {
        hipache.host(HOST).lists("https://127.0.0.1:" + hipache.port(1), "https://127.0.0.2:" + hipache.port(1));
        int before = ends();

        hipache.host(HOST).gets(508);

        assertOneHop(before);
    }

    @Test
    void aRequestOfHttp2IsMarkedAndRecognisedToo() {
        hipache.host(HOST).lists("http://127.0.0.1:" + hipache.port());
        int before = ends();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, HOST, "/");
            assertThat(client.readResponse(1).status()).isEqualTo(508);
            assertOneHop(before);

            client.headers(
                    3, true, ":method=GET", ":scheme=https", ":authority=" + HOST, ":path=/", "via=1.0 x, 2.0 US (c)");
            assertThat(client.readResponse(3).status()).isEqualTo(508);
        }
    }

    @Test
    void anUpgradeThatComesBackGetsNoTunnel() {
        hipache.host(HOST).lists("http://127.0.0.1:" + hipache.port());
        int before = ends();
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

            assertThat(client.readResponse().status()).isEqualTo(508);
        }
        assertOneHop(before);
    }

    @Test
    void aBodyThatComesBackDoesNotHoldAnybodyUp() {
        hipache.host(HOST).lists("http://127.0.0.1:" + hipache.port());
        try (RawClient client = hipache.client()) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000));

            assertThat(client.readResponse().status()).isEqualTo(508);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1 us", "1.0 fred, 1.1 US (Hipache)", "HTTP/1.1 us", "1.1 a\r\nVia:  2\tus\t(x)"})
    void recognisesItsNameHoweverItIsWritten(String via) {
        TestBackend backend = hipache.backendOf(HOST, Response.ok());

        assertThat(send(via).status()).isEqualTo(508);
        assertThat(backend.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1 user", "us", "1.1 bus", "1.1 x (us)", "1.1 x (1.1 us)", "us 1.1", ", ,"})
    void takesNoOtherNameForItsOwn(String via) {
        TestBackend backend = hipache.backendOf(HOST, Response.ok());

        assertThat(send(via).status()).isEqualTo(200);
        assertThat(backend.awaitRequest().headers("via")).hasSize(2).last().isEqualTo("1.1 us");
    }

    @Test
    void aChainOfFleetsIsNoLoop() {
        try (TestHipache inner = listeningEverywhere("them")) {
            TestBackend backend = inner.backendOf(HOST, Response.ok("hello"));
            hipache.host(HOST).lists("http://127.0.0.1:" + inner.port());

            assertThat(hipache.host(HOST).gets(200).body()).isEqualTo("hello");
            assertThat(backend.awaitRequest().headers("via")).containsExactly("1.1 us", "1.1 them");
        }
    }

    @Test
    void aLoopThroughAnotherFleetIsSeenToo() {
        try (TestHipache inner = listeningEverywhere("them")) {
            inner.host(HOST).lists("http://127.0.0.1:" + hipache.port());
            hipache.host(HOST).lists("http://127.0.0.1:" + inner.port());
            int before = ends();

            hipache.host(HOST).gets(508);

            assertOneHop(before);
        }
    }

    @Test
    void marksNothingWhereAskedTo() {
        try (TestHipache off = listeningEverywhere("off")) {
            TestBackend backend = off.backendOf(HOST, Response.ok());

            off.host(HOST).gets(200);

            assertThat(backend.awaitRequest().header("via")).isNull();
        }
    }

    @Test
    void leavesTheViaOfAResponseAlone() {
        hipache.backendOf(HOST, Response.ok().header("Via", "1.1 us"));

        assertThat(hipache.host(HOST).gets(200).head().headers("via")).containsExactly("1.1 us");
    }

    private static ReceivedResponse send(String via) {
        try (RawClient client = hipache.client()) {
            return client.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\nVia: " + via + "\r\n\r\n")
                    .readResponse();
        }
    }

    /** Two requests: that of the client, and the one that came back. */
    private static void assertOneHop(int before) {
        await().until(() -> ends() >= before + 2);
        assertThat(hipache.ends().subList(before, ends()))
                .extracting(end -> end.reason())
                .containsExactly(EndReason.LOOP_DETECTED, EndReason.ANSWERED);
    }

    private static int ends() {
        return hipache.ends().size();
    }

    private static TestHipache listeningEverywhere(String name) {
        return TestHipache.configured("{'server': {'address': '0.0.0.0', 'port': 1, 'viaName': '" + name
                + "', 'https': {'port': 2, 'key': '" + TestTls.KEY + "', 'cert': '" + TestTls.CERT
                + "'}}, 'driver': 'REDIS'}");
    }
}
