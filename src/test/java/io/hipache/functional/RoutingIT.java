package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutingIT {
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
    void routesAnExactHost() {
        hipache.backendOf("www.example.com", Response.ok("hello"));

        ReceivedResponse response = hipache.host("www.example.com").gets(200);

        assertThat(response.body()).isEqualTo("hello");
    }

    @Test
    void prefersTheExactHostThenTheLongestWildcard() {
        hipache.backendOf("*", Response.status(201));
        hipache.backendOf("*.qux.quux", Response.status(202));
        hipache.backendOf("*.bar.baz.qux.quux", Response.status(203));
        hipache.backendOf("foo.bar.baz.qux.quux", Response.status(200));

        hipache.host("foo.bar.baz.qux.quux").gets(200);
        hipache.host("other.bar.baz.qux.quux").gets(203);
        hipache.host("other.qux.quux").gets(202);
        hipache.host("elsewhere.tld").gets(201);
    }

    @Test
    void ignoresPortTrailingDotAndCaseOfTheHost() {
        hipache.backendOf("www.example.com", Response.ok("hello"));

        for (String spelling : new String[] {"WWW.Example.COM", "www.example.com:8080", "www.example.com."}) {
            hipache.host(spelling).gets(200);
        }
    }

    @Test
    void obeysAChangeWithTheVeryNextRequest() {
        TestBackend first = hipache.backendOf("a.example", Response.ok("first"));
        try (TestBackend second = TestBackend.answering(Response.ok("second"));
                RawClient client = hipache.client()) {
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("first");

            hipache.redis().rpush("frontend:a.example", second.url());
            hipache.redis().command("LREM", "frontend:a.example", "0", first.url());

            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("second");
        }
    }

    @Test
    void spreadsRequestsOverAllBackends() {
        try (TestBackend one = TestBackend.answering(Response.ok("one"));
                TestBackend two = TestBackend.answering(Response.ok("two"));
                RawClient client = hipache.client()) {
            hipache.host("a.example").connects(one, two);
            Set<String> seen = new HashSet<>();

            // one of both is missed with a probability of 2^-63
            for (int i = 0; i < 64 && seen.size() < 2; i++) {
                seen.add(client.get("a.example", "/").readResponse().body());
            }

            assertThat(seen).containsExactlyInAnyOrder("one", "two");
        }
    }

    @Test
    void leavesOutWhatTheDeadSetNames() {
        try (TestBackend alive = TestBackend.answering(Response.ok("alive"));
                TestBackend dead = TestBackend.answering(Response.ok("dead"))) {
            hipache.host("a.example").connects(dead, alive);
            hipache.redis().sadd("dead:a.example", "0", "junk", "99999999999999999999");

            for (int i = 0; i < 16; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("alive");
            }
        }
    }

    @Test
    void answersAPingWithoutTheStore() {
        ReceivedResponse response = hipache.host("__ping__").gets(200);

        assertThat(response.body()).isEqualTo("ok");
        assertThat(response.header("content-type")).isEqualTo("text/plain");
        assertThat(response.header("content-length")).isEqualTo("2");
        assertThat(response.header("cache-control")).isEqualTo("no-cache");
    }

    @Test
    void saysWhyThereIsNoBackend() {
        hipache.host("none.example").lists();
        hipache.host("invalid.example").lists("not a url", "http://", "http://h:99999");
        hipache.host("dead.example").lists("http://127.0.0.1:1");
        hipache.redis().sadd("dead:dead.example", "0");

        assertThat(debugError("unknown.example", 400)).isEqualTo("frontend not found");
        assertThat(debugError("none.example", 502)).isEqualTo("Cannot find a valid backend");
        assertThat(debugError("dead.example", 502)).isEqualTo("Cannot find a valid backend");
        assertThat(debugError("invalid.example", 502)).isEqualTo("backend is invalid");
    }

    @Test
    void keepsTheConnectionThroughErrorPagesAndOtherHosts() {
        hipache.backendOf("a.example", Response.ok("a"));
        hipache.backendOf("b.example", Response.ok("b"));

        try (RawClient client = hipache.client()) {
            client.get("a.example", "/").get("unknown.example", "/").get("b.example", "/");

            assertThat(client.readResponse().body()).isEqualTo("a");
            assertThat(client.readResponse().status()).isEqualTo(400);
            assertThat(client.readResponse().body()).isEqualTo("b");
        }
    }

    @Test
    void refusesARequestWithoutAHostOrWithTwo() {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nX-Debug: 1\r\n\r\n");

            assertThat(client.readResponse().header("x-debug-error")).isEqualTo("no host header");
        }
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nX-Debug: 1\r\n\r\n");

            assertThat(client.readResponse().header("x-debug-error")).isEqualTo("more than one host header");
            client.expectClosed();
        }
    }

    @Test
    void theAuthorityOfAnAbsoluteTargetWinsOverHost() {
        TestBackend backend = hipache.backendOf("right.example", Response.ok("right"));
        try (RawClient client = hipache.client()) {
            client.send("GET http://right.example/path?q HTTP/1.1\r\nHost: wrong.example\r\n\r\n");

            assertThat(client.readResponse().body()).isEqualTo("right");
            ReceivedRequest request = backend.awaitRequest();
            assertThat(request.requestLine()).isEqualTo("GET /path?q HTTP/1.1");
            assertThat(request.header("host")).isEqualTo("right.example");
        }
    }

    @Test
    void isA503WhileTheStoreIsAwayAndRecoversWithoutARestart() {
        hipache.backendOf("a.example", Response.ok("hello"));
        hipache.redis().stop();

        assertThat(debugError("a.example", 503)).isEqualTo("Cannot reach the configuration store");

        hipache.redis().restart();
        hipache.redis().rpush("frontend:b.example", "b", "http://127.0.0.1:1");
        Awaitility.await().until(() -> !debugErrorOf("b.example").equals("Cannot reach the configuration store"));
    }

    private static String debugError(String host, int status) {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n");
            ReceivedResponse response = client.readResponse();
            assertThat(response.status()).isEqualTo(status);
            return String.valueOf(response.header("x-debug-error"));
        }
    }

    private static String debugErrorOf(String host) {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n");
            return String.valueOf(client.readResponse().header("x-debug-error"));
        }
    }
}
