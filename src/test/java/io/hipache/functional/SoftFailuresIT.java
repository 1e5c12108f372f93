package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.FrameClient;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One client, one request, one path: whatever it makes backends do, all others are served. */
class SoftFailuresIT {
    private static final String POISON = "/poison";

    private static TestHipache hipache;

    private final List<TestBackend> backends = new ArrayList<>();

    @BeforeAll
    static void start() {
        hipache = TestHipache.withTls("'tcpTimeout': 2, 'retryOnError': 3");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @AfterEach
    void closeBackends() {
        backends.forEach(TestBackend::close);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /poison HTTP/1.1\r\n",
                "GET /poison HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            })
    void aRequestThatEveryBackendDropsReachesTwoOfThemAndMarksNone(String head) {
        tenBackends(new Misbehaviour.ResetBeforeHead());

        assertThat(status(head)).isEqualTo(502);
        assertThat(poisoned()).isEqualTo(2);
        for (int i = 0; i < 5; i++) {
            assertThat(status(head)).isEqualTo(502);
        }

        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void aRequestOverHttp2ThatEveryBackendDropsReachesTwoOfThemAndMarksNone() {
        tenBackends(new Misbehaviour.CloseBeforeHead());

        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", POISON);
            assertThat(client.readResponse(1).status()).isEqualTo(502);
        }

        assertThat(poisoned()).isEqualTo(2);
        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void aRequestThatWarmBackendsDropReachesTwoOfThemAndMarksNone() {
        tenBackends(new Misbehaviour.ResetBeforeHead());
        Awaitility.await().until(() -> {
            assertOthersAreServed();
            return backends.stream().allMatch(backend -> backend.openConnections() == 1);
        });

        assertThat(status("GET /poison HTTP/1.1\r\n")).isEqualTo(502);

        assertThat(poisoned()).isEqualTo(2);
        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void aRequestThatCannotBeRepeatedMarksHalfOfTheBackendsThatDropIt() {
        tenBackends(new Misbehaviour.CloseBeforeHead());

        for (int i = 0; i < 30; i++) {
            assertThat(status("POST /poison HTTP/1.1\r\nContent-Length: 0\r\n")).isEqualTo(502);
        }

        assertOthersAreServed();
        assertThat(marks()).isEqualTo(5);
    }

    @Test
    void aBackendThatDropsWhatAnotherOneAnswersIsMarked() {
        backends.add(TestBackend.start().misbehaves(new Misbehaviour.CloseBeforeHead()));
        backends.add(TestBackend.named("alive"));
        hipache.host("a.example").connects(backends.toArray(TestBackend[]::new));

        Awaitility.await().until(() -> {
            assertThat(status("GET / HTTP/1.1\r\n")).isEqualTo(200);
            return marks() == 1;
        });

        assertThat(hipache.redis().command("SMEMBERS", "dead:a.example")).isEqualTo(List.of("0"));
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void errorsOfOnePathMarkHalfOfTheBackends(int status) {
        tenBackends(Response.status(status));

        for (int i = 0; i < 30; i++) {
            assertThat(status("GET /poison HTTP/1.1\r\n")).isEqualTo(status);
        }

        assertOthersAreServed();
        assertThat(marks()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 505})
    void whatABackendDoesNotSupportSpeaksOfTheRequest(int status) {
        Reply unsupported = (request, wire) ->
                (request.method().equals("FOO") ? Response.status(status) : Response.ok()).answer(request, wire);
        backends.add(TestBackend.answering(unsupported));
        backends.add(TestBackend.answering(unsupported));
        hipache.host("a.example").connects(backends.toArray(TestBackend[]::new));

        for (int i = 0; i < 8; i++) {
            assertThat(status("FOO / HTTP/1.1\r\n")).isEqualTo(status);
        }

        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void whatABackendDoesNotSupportMarksItWhereThatIsAskedFor() {
        try (TestHipache strict = TestHipache.with("'deadBackendOnUnsupported': true");
                TestBackend backend = TestBackend.answering(Response.status(501))) {
            strict.host("a.example").connects(backend, backend);

            strict.host("a.example").gets(501);

            Awaitility.await().until(() -> strict.redis().exists("dead:a.example"));
        }
    }

    @Test
    void theRuleOfHipacheMarksAllOfThem() {
        try (TestHipache classic = TestHipache.with("'softDeathCap': 100");
                TestBackend backend = TestBackend.answering(Response.status(502))) {
            classic.host("a.example").connects(backend, backend, backend);

            Awaitility.await().until(() -> {
                classic.host("a.example").gets(502);
                return Long.valueOf(3).equals(classic.redis().command("SCARD", "dead:a.example"));
            });
        }
    }

    @Test
    void aClientThatWaitsForIts100AndABackendThatWaitsForItsBodyMarkNobody() {
        tenBackends((request, wire) -> {
            wire.awaitClose();
            wire.close();
        });

        List<RawClient> clients = ask(6, "POST /poison HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n");

        clients.forEach(client -> assertThat(client.readResponse().status()).isEqualTo(504));
        clients.forEach(RawClient::close);
        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void longPollsMarkNoBackendThatAnswersOthersMeanwhile() {
        backends.add(slowOn(POISON));
        backends.add(slowOn(POISON));
        hipache.host("a.example").connects(backends.toArray(TestBackend[]::new));

        List<RawClient> polls = ask(8, "GET /poison HTTP/1.1\r\n");
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> poisoned() == 8);
        for (int i = 0; i < 32; i++) {
            assertThat(status("GET / HTTP/1.1\r\n")).isEqualTo(200);
        }

        polls.forEach(poll -> assertThat(poll.readResponse().status()).isEqualTo(504));
        polls.forEach(RawClient::close);
        assertOthersAreServed();
        assertThat(marks()).isZero();
    }

    @Test
    void longPollsAloneMarkNoMoreThanHalfOfTheBackends() {
        tenBackends(new Misbehaviour.Stall());

        List<RawClient> polls = ask(40, "GET /poison HTTP/1.1\r\n");

        polls.forEach(poll -> assertThat(poll.readResponse().status()).isEqualTo(504));
        polls.forEach(RawClient::close);
        assertOthersAreServed();
        assertThat(marks()).isEqualTo(5);
    }

    @Test
    void anIndexThatNamesAnotherBackendByNowIsNotMarked() {
        TestBackend old = TestBackend.named("old");
        backends.add(old);
        backends.add(TestBackend.answering((request, wire) -> {
            hipache.redis().command("LREM", "frontend:a.example", "1", old.url());
            wire.reset();
        }));
        backends.add(TestBackend.named("other"));
        hipache.host("a.example").connects(backends.toArray(TestBackend[]::new));

        Awaitility.await().until(() -> status("POST / HTTP/1.1\r\nContent-Length: 0\r\n") == 502);

        assertThat(marks()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:0", "http://[::1", "https://", "x"})
    void entriesThatAreNeverChosenAreNoBackendsThatAreLeft(String unusable) {
        backends.add(TestBackend.answering((request, wire) -> {
            Reply reply = request.target().equals(POISON) ? Response.status(502) : Response.ok();
            reply.answer(request, wire);
        }));
        hipache.redis().rpush("frontend:a.example", "site", backends.get(0).url());
        hipache.redis()
                .rpush("frontend:a.example", Collections.nCopies(40, unusable).toArray(String[]::new));

        assertThat(status("GET /poison HTTP/1.1\r\n")).isEqualTo(502);

        assertThat(marks()).isZero();
        assertOthersAreServed();
    }

    @Test
    void aBackendThatFailsHardBringsBackOneThatOneRequestHadMarked() {
        backends.add(TestBackend.answering((request, wire) -> {
            Reply reply = request.target().equals(POISON) ? Response.status(502) : Response.ok();
            reply.answer(request, wire);
        }));
        hipache.redis()
                .rpush("frontend:a.example", "site", backends.get(0).url(), "http://127.0.0.1:" + TestRedis.freePort());
        Awaitility.await().until(() -> {
            hipache.redis().del("dead:a.example");
            hipache.redis().del("dead:a.example;soft");
            assertThat(status("GET /poison HTTP/1.1\r\n")).isEqualTo(502);
            marks();
            return List.of("0").equals(hipache.redis().command("SMEMBERS", "dead:a.example"));
        });

        assertOthersAreServed();

        assertThat(hipache.redis().command("SMEMBERS", "dead:a.example")).isEqualTo(List.of("1"));
    }

    /** One client with requests that take long fills the queues of three servers that do one thing at a time. */
    @Test
    void backendsWhoseQueuesAreFullAreMarkedAsBackendsThatAreSilent() throws IOException {
        List<ServerSocket> busy = new ArrayList<>();
        hipache.redis().rpush("frontend:a.example", "site");
        for (int i = 0; i < 3; i++) {
            ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            busy.add(server);
            hipache.redis().rpush("frontend:a.example", "http://127.0.0.1:" + server.getLocalPort());
        }

        List<RawClient> clients = ask(24, "GET /poison HTTP/1.1\r\n");
        List<Integer> answers = new ArrayList<>();
        clients.forEach(client -> answers.add(client.readResponse().status()));

        assertThat(answers).contains(502, 504);
        assertThat(marks()).isEqualTo(1);
        clients.forEach(RawClient::close);
        for (ServerSocket server : busy) {
            server.close();
        }
    }

    private static TestBackend slowOn(String path) {
        return TestBackend.answering((request, wire) -> {
            Reply reply = request.target().equals(path) ? new Misbehaviour.Stall() : Response.ok();
            reply.answer(request, wire);
        });
    }

    /** Ten backends that answer in this way to one path, and with 200 to every other one. */
    private void tenBackends(Reply onPoison) {
        for (int i = 0; i < 10; i++) {
            backends.add(TestBackend.answering((request, wire) -> {
                Reply reply = request.target().equals(POISON) ? onPoison : Response.ok();
                reply.answer(request, wire);
            }));
        }
        hipache.host("a.example").connects(backends.toArray(TestBackend[]::new));
    }

    /** How many requests for that path the backends have got. */
    private long poisoned() {
        return backends.stream()
                .flatMap(backend -> backend.requests().stream())
                .filter(request -> request.target().equals(POISON))
                .count();
    }

    private static void assertOthersAreServed() {
        for (int i = 0; i < 10; i++) {
            assertThat(status("GET / HTTP/1.1\r\n")).isEqualTo(200);
        }
    }

    /** A look-up comes behind all marks on the same connection. */
    private static long marks() {
        hipache.host("unknown.example").gets(400);
        return (Long) Objects.requireNonNull(hipache.redis().command("SCARD", "dead:a.example"));
    }

    /** Sends this on so many connections, and does not wait for the answers. */
    private static List<RawClient> ask(int clients, String head) {
        List<RawClient> asking = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            asking.add(hipache.client().send(head + "Host: a.example\r\n\r\n"));
        }
        return asking;
    }

    private static int status(String head) {
        try (RawClient client = hipache.client()) {
            return client.send(head + "Host: a.example\r\n\r\n").readResponse().status();
        }
    }
}
