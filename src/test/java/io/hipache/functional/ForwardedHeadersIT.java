package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a backend is told of where a request came from, and whose word counts. */
class ForwardedHeadersIT {
    private static final String TRUSTED = "127.0.0.9";

    /** As a proxy in front says it, or a client that would like to be somebody else. */
    private static final String CLAIMS =
            """
            X-Forwarded-For: 9.9.9.9, 8.8.8.8\r
            X-Real-IP: 9.9.9.9\r
            X-Forwarded-Proto: https\r
            X-Forwarded-Protocol: https\r
            X-Forwarded-Port: 8443\r
            """;

    private static TestHipache hipache;

    private TestBackend backend;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'trustedProxies': ['" + TRUSTED + "/32']");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
        backend = hipache.backendOf("a.example", Response.ok());
    }

    @Test
    void tellsTheBackendWhereARequestCameFrom() {
        try (RawClient client = hipache.client()) {
            assertTellsOfAClientAt("::ffff:127.0.0.1", send(client, ""));
        }
    }

    @Test
    void replacesWhatAnybodySays() {
        try (RawClient client = hipache.client()) {
            assertTellsOfAClientAt("::ffff:127.0.0.1", send(client, CLAIMS + "x-forwarded-for: 7.7.7.7\r\n"));
        }
    }

    @Test
    void keepsWhatATrustedProxySays() {
        try (RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            ReceivedRequest request = send(proxy, CLAIMS + "x-forwarded-for: 7.7.7.7\r\n");

            assertThat(request.head().raw()).contains(CLAIMS + "x-forwarded-for: 7.7.7.7\r\n");
            assertThat(request.headers("x-forwarded-for")).hasSize(2);
            assertThat(request.header("x-real-ip")).isEqualTo("9.9.9.9");
            assertThat(request.header("x-forwarded-proto")).isEqualTo("https");
            assertThat(request.header("x-forwarded-protocol")).isEqualTo("https");
            assertThat(request.header("x-forwarded-port")).isEqualTo("8443");
        }
    }

    @Test
    void addsWhatATrustedProxyLeavesOut() {
        try (RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            ReceivedRequest request = send(proxy, "X-Forwarded-For: 9.9.9.9\r\n");

            assertThat(request.header("x-forwarded-for")).isEqualTo("9.9.9.9");
            assertThat(request.header("x-real-ip")).isEqualTo("::ffff:" + TRUSTED);
            assertThat(request.header("x-forwarded-proto")).isEqualTo("http");
            assertThat(request.header("x-forwarded-port")).isEqualTo(String.valueOf(hipache.port()));
        }
    }

    @Test
    void aConnectionListCannotTakeThemAway() {
        String list = "Connection: x-forwarded-for, X-Real-IP, x-forwarded-proto, X-Forwarded-Protocol,"
                + "x-forwarded-port, content-length\r\n";
        try (RawClient client = hipache.client();
                RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            assertTellsOfAClientAt("::ffff:127.0.0.1", send(client, list));
            assertTellsOfAClientAt("::ffff:127.0.0.1", send(client, CLAIMS + list));
            assertThat(send(proxy, CLAIMS + list).head().raw()).contains(CLAIMS);
        }
    }

    /** Spelled as CGI, WSGI, PHP and lighttpd read them, and by names of other proxies. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X_Forwarded_For",
                "X-Forwarded_For",
                "X.FORWARDED.FOR",
                "X_Real_Ip",
                "X-Real_IP",
                "Forwarded",
                "X-Forwarded-Host",
                "X-Forwarded-Server",
                "X-Forwarded-Ssl",
                "X-Forwarded-Scheme",
                "X_Forwarded_Proto",
                "X-Forwarded-Prefix",
                "X-Forwarded-By",
                "Proxy",
                "True-Client-IP",
                "CF-Connecting-IP",
                "X-Client-IP",
                "X-Original-URL",
                "X-Rewrite-URL",
                "DO-Connecting-IP",
                "WL_Proxy_SSL"
            })
    void onlyATrustedProxyIsBelievedInAnySpelling(String name) {
        String claim = name + ": for=9.9.9.9";
        String list = "Connection: keep-alive, " + name + "\r\n";
        try (RawClient client = hipache.client();
                RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            ReceivedRequest forged = send(client, claim + "\r\n");
            assertTellsOfAClientAt("::ffff:127.0.0.1", forged);
            assertThat(forged.head().raw()).doesNotContain("9.9.9.9");

            assertThat(send(proxy, list + claim + "\r\n").head().raw()).contains("\r\n" + claim + "\r\n");
        }
    }

    /** A CGI program takes each of these for the field that says where the body ends. */
    @ParameterizedTest
    @ValueSource(strings = {"Content_Length: 5", "Transfer_Encoding: chunked", "content.length: 5"})
    void nobodySendsAFramingFieldInAnotherSpelling(String field) {
        try (RawClient client = hipache.client();
                RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            assertThat(send(client, field + "\r\n").head().raw()).doesNotContain(field);
            assertThat(send(proxy, field + "\r\n").head().raw()).doesNotContain(field);
        }
    }

    @Test
    void nobodyIsBelievedInTrailers() {
        try (RawClient client = hipache.client();
                RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            for (RawClient either : List.of(client, proxy)) {
                either.send("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"
                        + "X_Forwarded_For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nProxy: 9.9.9.9\r\n"
                        + "Via: 9.9.9.9\r\nX-Sum: 1\r\n\r\n");
                assertThat(either.readResponse().status()).isEqualTo(200);

                assertThat(backend.awaitRequest().trailers()).containsExactly("X-Sum: 1");
            }
        }
    }

    @Test
    void noStreamOfHttp2IsBelieved() {
        try (TestHipache strict = TestHipache.withTls("'trustedProxies': []");
                FrameClient client = FrameClient.connect(strict.port(1))) {
            TestBackend told = strict.backendOf("a.example", Response.ok());
            client.post(1, "a.example", "x_forwarded_for=9.9.9.9", "forwarded=for=9.9.9.9", "x-forwarded-host=9.9.9.9")
                    .headers(1, true, "x_real_ip=9.9.9.9", "x-sum=1");
            assertThat(client.readResponse(1).status()).isEqualTo(200);

            ReceivedRequest request = told.awaitRequest();
            assertThat(request.head().raw()).doesNotContain("9.9.9.9");
            assertThat(request.headers("x-forwarded-for")).containsExactly("::ffff:127.0.0.1");
            assertThat(request.headers("x-forwarded-proto")).containsExactly("https");
            assertThat(request.trailers()).containsExactly("x-sum: 1");
        }
    }

    @Test
    void anUpgradeIsNotBelievedEither() {
        try (RawClient client = hipache.client()) {
            client.send(
                    "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, x_forwarded_for\r\nUpgrade: websocket\r\n"
                            + "X_Forwarded_For: 9.9.9.9\r\nX-Forwarded-Host: 9.9.9.9\r\n\r\n");
            client.readResponse();
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("upgrade")).isEqualTo("websocket");
        assertThat(request.head().raw()).doesNotContain("9.9.9.9");
    }

    @Test
    void appendsATrustedProxyToItsListWhereAskedTo() {
        try (TestHipache appending =
                        TestHipache.with("'forwardedFor': 'append', 'trustedProxies': ['" + TRUSTED + "']");
                RawClient proxy = RawClient.connectFrom(TRUSTED, appending.port());
                RawClient client = appending.client()) {
            TestBackend told = appending.backendOf("a.example", Response.ok());
            String request =
                    "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n";

            proxy.send(request).readResponse();
            assertThat(told.awaitRequest().headers("x-forwarded-for"))
                    .containsExactly("9.9.9.9, 8.8.8.8, ::ffff:" + TRUSTED);
            proxy.get("a.example", "/").readResponse();
            assertThat(told.awaitRequest().headers("x-forwarded-for")).containsExactly("::ffff:" + TRUSTED);
            client.send(request).readResponse();
            assertThat(told.awaitRequest().headers("x-forwarded-for")).containsExactly("::ffff:127.0.0.1");
        }
    }

    @Test
    void writesIpv4AddressesPlainlyWhenAskedTo() {
        try (TestHipache plain = TestHipache.with("'plainIPv4': true, 'trustedProxies': []")) {
            TestBackend told = plain.backendOf("a.example", Response.ok());
            plain.host("a.example").gets(200);

            ReceivedRequest request = told.awaitRequest();
            assertThat(request.header("x-forwarded-for")).isEqualTo("127.0.0.1");
            assertThat(request.header("x-real-ip")).isEqualTo("127.0.0.1");
        }
    }

    @Test
    @SuppressWarnings("AddressSelection") // it is a literal
    void writesAnIpv6AddressAsItIs() {
        assumeThat(hasIpv6()).isTrue();
        try (TestHipache both = TestHipache.configured(
                "{'server': {'address': ['127.0.0.1', '::1'], 'port': 1, 'trustedProxies': []}, 'driver': 'REDIS'}")) {
            TestBackend told = both.backendOf("a.example", Response.ok());
            try (RawClient client = RawClient.connect(new InetSocketAddress("::1", both.port(1)))) {
                client.get("a.example", "/").readResponse();
            }

            ReceivedRequest request = told.awaitRequest();
            assertThat(request.header("x-forwarded-for")).isEqualTo("::1");
            assertThat(request.header("x-real-ip")).isEqualTo("::1");
            assertThat(request.header("x-forwarded-port")).isEqualTo(String.valueOf(both.port(1)));
        }
    }

    @SuppressWarnings("AddressSelection") // it is a literal
    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private ReceivedRequest send(RawClient client, String headers) {
        client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n" + headers + "\r\nbody");
        assertThat(client.readResponse().status()).isEqualTo(200);
        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.body()).isEqualTo("body");
        return request;
    }

    /** Each of them once, and none of what was claimed. */
    private static void assertTellsOfAClientAt(String address, ReceivedRequest request) {
        assertThat(request.headers("x-forwarded-for")).containsExactly(address);
        assertThat(request.headers("x-real-ip")).containsExactly(address);
        assertThat(request.headers("x-forwarded-proto")).containsExactly("http");
        assertThat(request.headers("x-forwarded-protocol")).containsExactly("http");
        assertThat(request.headers("x-forwarded-port")).containsExactly(String.valueOf(hipache.port()));
    }
}
