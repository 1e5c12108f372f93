package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections a backend sees, and what becomes of them. */
class BackendConnectionsIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'maxSockets': 2");
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
    void oneConnectionServesManyClients() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        hipache.host("b.example").connects(backend);

        for (int i = 0; i < 20; i++) {
            hipache.host(i % 2 == 0 ? "a.example" : "b.example").gets(200);
        }

        assertThat(backend.connections()).isEqualTo(1);
        assertThat(backend.requests()).hasSize(20).allSatisfy(request -> assertThat(request.header("connection"))
                .isNull());
    }

    @Test
    void aBackendNeverHasMoreThanMaxSockets() {
        CountDownLatch answer = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").after(answer));
        List<RawClient> clients = Stream.generate(hipache::client).limit(8).toList();
        clients.forEach(client -> client.get("a.example", "/"));
        Awaitility.await().until(() -> backend.requests().size() == 2);

        answer.countDown();

        for (RawClient client : clients) {
            assertThat(client.readResponse().body()).isEqualTo("hello");
            client.close();
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void aClientThatLeavesWhileItWaitsCostsNobodyATurn() {
        CountDownLatch answer = new CountDownLatch(1);
        TestBackend backend = hipache.backendOf("a.example", Response.ok().after(answer));
        try (RawClient one = hipache.client().get("a.example", "/1");
                RawClient two = hipache.client().get("a.example", "/2")) {
            Awaitility.await().until(() -> backend.requests().size() == 2);
            try (RawClient leaving = hipache.client()) {
                leaving.get("a.example", "/leaving");
                // what is asked of the store later is answered later: the one before is in the queue by now
                hipache.host("unknown.example").gets(400);
                // without a reset it might still want its answer
                leaving.reset();
            }
            Awaitility.await().until(() -> hipache.accessLog().stream()
                    .anyMatch(end -> end.requestLine().contains("/leaving")));
            try (RawClient last = hipache.client().get("a.example", "/last")) {
                answer.countDown();

                assertThat(last.readResponse().status()).isEqualTo(200);
            }
            one.readResponse();
            two.readResponse();
        }

        assertThat(backend.requests()).extracting(ReceivedRequest::target).containsOnly("/1", "/2", "/last");
    }

    @Test
    void withoutKeepAliveEveryRequestHasAConnectionOfItsOwn() {
        try (TestHipache own = TestHipache.with("'httpKeepAlive': false, 'maxSockets': 1")) {
            TestBackend backend = own.backendOf("a.example", Response.ok("hello"));
            try (RawClient client = own.client()) {
                for (int i = 0; i < 3; i++) {
                    ReceivedResponse response = client.get("a.example", "/").readResponse();

                    assertThat(response.body()).isEqualTo("hello");
                    assertThat(response.header("connection")).isNull();
                    assertThat(backend.awaitRequest().header("connection")).isEqualTo("close");
                }
            }

            // not by number: a stranger on this machine may connect to the port as well
            assertThat(backend.requests())
                    .extracting(ReceivedRequest::connection)
                    .doesNotHaveDuplicates();
            Awaitility.await().until(() -> backend.openConnections() == 0);
        }
    }

    @Test
    void aConnectionThatItsBackendClosesIsNotUsedAgain() {
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("hello").closing());
        try (RawClient client = hipache.client()) {
            for (int i = 1; i <= 3; i++) {
                client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody");

                assertThat(client.readResponse().body()).isEqualTo("hello");
            }
        }

        assertThat(backend.connections()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE"})
    void aConnectionThatDiesOfItsNextRequestIsReplacedByAFreshOne(String method) {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            hipache.host("a.example").connects(backend, backend);
            try (RawClient client = hipache.client()) {
                assertThat(send(client, "GET").body()).isEqualTo("hello");
                backend.answersNext(new Misbehaviour.ResetBeforeHead());

                assertThat(send(client, method).body()).isEqualTo("hello");
            }

            assertThat(backend.requests())
                    .extracting(ReceivedRequest::connection)
                    .containsExactly(1, 1, 2);
            assertThat(backend.requests())
                    .allSatisfy(request -> assertThat(request.body()).isEqualTo("body"));
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void aPostThatReachedSuchAConnectionIsNotSentAgain() {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            hipache.host("a.example").connects(backend, backend);
            try (RawClient client = hipache.client()) {
                send(client, "GET");
                backend.answersNext(new Misbehaviour.CloseBeforeHead());

                assertThat(send(client, "POST").status()).isEqualTo(502);
                assertThat(send(client, "POST").body()).isEqualTo("hello");
            }

            assertThat(backend.requests())
                    .extracting(ReceivedRequest::connection)
                    .containsExactly(1, 1, 2);
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void aRequestThatIsDroppedTwiceIsNotSentAgain() {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            hipache.host("a.example").connects(backend);
            try (RawClient client = hipache.client()) {
                send(client, "GET");
                Misbehaviour reset = new Misbehaviour.ResetBeforeHead();
                // on the connection that served before, and on a fresh one
                backend.answersNext(reset, reset);

                assertThat(send(client, "GET").status()).isEqualTo(502);
                assertThat(send(client, "GET").body()).isEqualTo("hello");
            }

            assertThat(backend.requests()).hasSize(4);
        }
    }

    private static ReceivedResponse send(RawClient client, String method) {
        return client.send(method + " / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody")
                .readResponse();
    }
}
