package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is ended because nothing moves. */
class TimeoutsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'tcpTimeout': 1, 'maxSockets': 1");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHost: a.exa", "GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n"})
    void closesAClientThatSendsNothingStopsInItsHeadOrIdles(String sent) {
        // the time of the worker counts from its accept
        long before = System.nanoTime();
        try (RawClient client = hipache.client()) {
            client.send(sent);
            if (sent.endsWith("\r\n\r\n")) {
                client.readResponse();
            }

            client.expectClosed();

            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(TIMEOUT);
        }
    }

    @Test
    void aSilentBackendIsA504AndDead() {
        try (TestBackend silent = TestBackend.start().misbehaves(new Misbehaviour.Stall());
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(silent, silent);

            ReceivedResponse page = getWithDebug(client, "a.example");

            assertThat(page.status()).isEqualTo(504);
            assertThat(page.header("x-debug-error")).isEqualTo("Backend timed out");
            assertThat(silent.requests()).hasSize(1);
            Awaitility.await().until(() -> silent.openConnections() == 0);
            Awaitility.await().until(() -> Objects.equals(hipache.redis().command("SCARD", "dead:a.example"), 1L));
            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void theOnlyBackendOfAFrontendStaysAlive() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        backend.answersNext(new Misbehaviour.Stall());

        hipache.host("a.example").gets(504);

        assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("hello");
        assertThat(hipache.redis().exists("dead:a.example")).isFalse();
    }

    @Test
    void waitsForAFreeSocketNoLongerThanThat() {
        Drip drip = new Drip();
        TestBackend backend = hipache.backendOf("a.example", Response.ok().from(drip));
        try (RawClient holder = hipache.client();
                RawClient waiting = hipache.client()) {
            holder.get("a.example", "/");
            holder.readHead();

            CompletableFuture<ReceivedResponse> page =
                    CompletableFuture.supplyAsync(() -> getWithDebug(waiting, "a.example"));
            Awaitility.await().pollInterval(PAUSE).until(() -> {
                drip.send(".");
                return page.isDone();
            });

            assertThat(page.join().status()).isEqualTo(503);
            assertThat(page.join().header("retry-after")).isEqualTo("1");
            assertThat(page.join().header("x-debug-error"))
                    .isEqualTo("the only socket to the backend stayed in use (server.maxSockets)");
            drip.end();
            holder.readUntil("0\r\n\r\n");
            assertThat(backend.connections()).isEqualTo(1);
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void servesThoseWhoWaitForASocketInTheirOrder() {
        CountDownLatch free = new CountDownLatch(1);
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.answersNext(Response.ok().after(free));
        RawClient[] clients = new RawClient[6];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = hipache.client().get("a.example", "/" + i);
            // what is asked of the store later is answered later: this one is in the queue by now
            hipache.host("unknown.example").gets(400);
        }

        free.countDown();

        for (RawClient client : clients) {
            assertThat(client.readResponse().status()).isEqualTo(200);
            client.close();
        }
        assertThat(backend.requests())
                .extracting(ReceivedRequest::target)
                .containsExactly("/0", "/1", "/2", "/3", "/4", "/5");
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void aResponseThatStallsIsCutOff() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.StallInBody());
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");

            assertThat(client.readBrokenResponse().body()).isEqualTo("hello");
            Awaitility.await().until(() -> backend.openConnections() == 0);
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void aRequestThatStallsIsCutOff() {
        try (TestBackend backend = TestBackend.start();
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(backend, backend);
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");

            client.expectClosed();

            backend.awaitRequest().awaitBrokenBody();
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void aClientThatStopsReadingIsCutOff() {
        BigBody body = BigBody.ofMebibytes(64);
        TestBackend backend = hipache.backendOf("a.example", Response.ok().body(body));
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.get("a.example", "/");
            backend.awaitRequest();

            Awaitility.await().until(() -> backend.openConnections() == 0);

            client.readBrokenResponse();
        }
    }

    @Test
    void withoutATimeoutNothingIsEnded() {
        try (TestHipache patient = TestHipache.with("'tcpTimeout': 0")) {
            CountDownLatch answer = new CountDownLatch(1);
            TestBackend backend =
                    patient.backendOf("a.example", Response.ok("late").after(answer));
            try (RawClient waiting = patient.client();
                    RawClient idle = patient.client()) {
                waiting.get("a.example", "/");
                backend.awaitRequest();
                Awaitility.await().during(TIMEOUT).until(() -> patient.accessLog()
                        .isEmpty());
                answer.countDown();

                assertThat(waiting.readResponse().body()).isEqualTo("late");
                assertThat(idle.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
            }
        }
    }

    private static ReceivedResponse getWithDebug(RawClient client, String host) {
        return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n")
                .readResponse();
    }
}
