package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the headers of X-Debug tell, and that they are told to nobody else. */
class DebugHeadersIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'retryOnError': 0");
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
    @ValueSource(strings = {"X-Debug: 1", "x-debug:", "X-DEBUG: off"})
    void tellsOfTheBackendThatAnswered(String header) {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));

        ReceivedResponse response = send("GET", "a.example", header);

        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.header("x-debug-version-hipache")).isEqualTo(TestHipache.VERSION);
        assertTellsOfTheBackend(response, backend.url() + "/", "0", "vhost-a.example", "a.example");
        assertThat(response.header("x-debug-error")).isNull();
    }

    @Test
    void countsTheBackendsOfAWildcardFrontendAndNamesTheRequestedHost() {
        try (TestBackend backend = TestBackend.answering(Response.ok())) {
            hipache.host("*.example").lists("no url", "http://", backend.url());

            ReceivedResponse response = send("GET", "deep.a.example", "X-Debug: 1");

            assertTellsOfTheBackend(response, backend.url() + "/", "2", "vhost-*.example", "deep.a.example");
        }
    }

    @Test
    void aPageTellsOfTheBackendThatFailed() {
        String dead = DeadAddress.url();
        hipache.host("a.example").lists(dead);

        ReceivedResponse page = send("GET", "a.example", "X-Debug: 1");

        assertThat(page.status()).isEqualTo(502);
        assertThat(page.header("x-debug-error")).isEqualTo("Retry on error is disabled");
        assertThat(page.header("x-debug-version-hipache")).isEqualTo(TestHipache.VERSION);
        assertTellsOfTheBackend(page, dead + "/", "0", "vhost-a.example", "a.example");
    }

    @Test
    void aPageWithoutABackendTellsItsErrorAndTheVersion() {
        ReceivedResponse page = send("GET", "unknown.example", "X-Debug: 1");

        assertThat(page.status()).isEqualTo(400);
        assertThat(page.header("x-debug-error")).isEqualTo("frontend not found");
        assertThat(page.header("x-debug-reason")).isEqualTo("no_frontend");
        assertThat(page.header("x-debug-version-hipache")).isEqualTo(TestHipache.VERSION);
        assertThat(page.head().raw())
                .doesNotContainIgnoringCase("x-debug-backend")
                .doesNotContainIgnoringCase("x-debug-vhost")
                .doesNotContainIgnoringCase("x-debug-time");
    }

    @Test
    void anAnswerToHeadHasThemToo() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: a.example\r\nX-Debug: 1\r\n\r\n");

            assertThat(client.readResponseToHead().header("x-debug-backend-url"))
                    .isEqualTo(backend.url() + "/");
        }
    }

    @Test
    void anIdentifierCannotSmuggleAHeader() {
        try (TestBackend backend = TestBackend.answering(Response.ok("hello"))) {
            hipache.redis().rpush("frontend:a.example", "my\r\nx-evil: 1\r\n\r\nsite\0\t", backend.url());

            ReceivedResponse response = send("GET", "a.example", "X-Debug: 1");

            assertThat(response.header("x-evil")).isNull();
            assertThat(response.body()).isEqualTo("hello");
            assertThat(response.header("x-debug-vhost")).isEqualTo("my  x-evil: 1    site");
        }
    }

    @Test
    void nobodyElseIsToldAnything() {
        hipache.backendOf("a.example", Response.ok("hello"));
        hipache.host("dead.example").lists(DeadAddress.url());

        for (String host : new String[] {"a.example", "dead.example", "unknown.example"}) {
            assertThat(send("GET", host, "X-Debugger: 1").head().raw()).doesNotContainIgnoringCase("x-debug");
        }
    }

    @Test
    void whoIsNoTrustedProxyIsToldNothing() {
        try (TestHipache strict = TestHipache.withTls("'retryOnError': 0, 'trustedProxies': ['127.0.0.9']");
                RawClient stranger = strict.client();
                RawClient proxy = RawClient.connectFrom("127.0.0.9", strict.port());
                FrameClient overHttp2 = FrameClient.connect(strict.port(1))) {
            TestBackend backend = strict.backendOf("a.example", Response.ok("hello"));
            strict.host("dead.example").lists(DeadAddress.url());

            for (String host : List.of("a.example", "dead.example", "unknown.example")) {
                assertThat(ask(stranger, host).head().raw()).doesNotContainIgnoringCase("x-debug");
                assertThat(ask(proxy, host).header("x-debug-version-hipache")).isEqualTo(TestHipache.VERSION);
            }
            overHttp2.headers(1, true, ":method=GET", ":scheme=https", ":authority=a.example", ":path=/", "x-debug=1");
            assertThat(overHttp2.readResponse(1).fields()).noneMatch(field -> field.startsWith("x-debug"));

            // a Hipache behind this one would answer, because it trusts this one
            assertThat(backend.requests())
                    .extracting(request -> request.header("x-debug"))
                    .containsExactly(null, "1", null);
        }
    }

    @Test
    void everybodyIsToldWhereAskedTo() {
        try (TestHipache open = TestHipache.with("'debugHeaders': 'all', 'trustedProxies': []");
                RawClient stranger = open.client()) {
            TestBackend backend = open.backendOf("a.example", Response.ok("hello"));

            assertThat(ask(stranger, "a.example").header("x-debug-backend-url")).isEqualTo(backend.url() + "/");
        }
    }

    @Test
    void nobodyIsToldWhereSwitchedOff() {
        try (TestHipache off = TestHipache.with("'debugHeaders': 'off'");
                RawClient proxy = off.client()) {
            off.backendOf("a.example", Response.ok("hello"));

            assertThat(ask(proxy, "a.example").head().raw()).doesNotContainIgnoringCase("x-debug");
            assertThat(ask(proxy, "unknown.example").head().raw()).doesNotContainIgnoringCase("x-debug");
        }
    }

    private static ReceivedResponse ask(RawClient client, String host) {
        return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n")
                .readResponse();
    }

    private static void assertTellsOfTheBackend(
            ReceivedResponse response, String url, String id, String virtualHost, String frontend) {
        assertThat(response.header("x-debug-backend-url")).isEqualTo(url);
        assertThat(response.header("x-debug-backend-id")).isEqualTo(id);
        assertThat(response.header("x-debug-vhost")).isEqualTo(virtualHost);
        assertThat(response.header("x-debug-frontend-key")).isEqualTo(frontend);
        assertThat(millis(response, "x-debug-time-backend")).isBetween(0, millis(response, "x-debug-time-total"));
    }

    private static int millis(ReceivedResponse response, String name) {
        return Integer.parseInt(Objects.requireNonNull(response.header(name)));
    }

    private static ReceivedResponse send(String method, String host, String header) {
        try (RawClient client = hipache.client()) {
            client.send(method + " / HTTP/1.1\r\nHost: " + host + "\r\n" + header + "\r\n\r\n");
            return client.readResponse();
        }
    }
}
